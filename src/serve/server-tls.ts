/**
 * The server's side of TLS on a connection that somebody has accepted already: from its first byte, or after STARTTLS or
 * STLS. What the caller has read before belongs to no TLS and must not be believed (CVE-2011-0411): it is the caller's to
 * drop. What arrived and was not read yet is taken for the handshake, which fails if it is none.
 */
import type { Duplex } from 'node:stream';
import { type SecureContext, TLSSocket } from 'node:tls';

/** How long a handshake may take. */
export const serverHandshakeMsMax = 30_000;

/** OpenSSL's own word for it, where there is one: its whole text names files of its sources. */
function reasonOf(error: Error): string {
  const reason: unknown = Reflect.get(error, 'reason');
  return typeof reason === 'string' ? reason : error.message;
}

/**
 * Resolves with the connection inside when the handshake is done. Rejects when it fails or takes too long; `outer` is
 * destroyed then. Nobody may read from `outer` any more.
 */
export function startServerTls(
  outer: Duplex,
  secureContext: SecureContext,
  handshakeMs = serverHandshakeMsMax,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    // During the handshake nobody has a reason to close one half.
    const { allowHalfOpen } = outer;
    outer.allowHalfOpen = false;
    const inner = new TLSSocket(outer, { isServer: true, secureContext });
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(new Error(`TLS failed: ${reasonOf(error)}`, { cause: error }));
      inner.destroy();
      outer.destroy();
    };
    const broken = () => fail(new Error('the peer broke off the handshake'));
    const timer = setTimeout(() => fail(new Error('the handshake takes too long')), handshakeMs);
    // The one that stays keeps an error of the socket from ending the process.
    inner.on('error', fail);
    inner.once('close', broken);
    inner.once('secure', () => {
      clearTimeout(timer);
      inner.off('error', fail);
      inner.off('close', broken);
      inner.allowHalfOpen = allowHalfOpen;
      resolve(inner);
    });
  });
}
