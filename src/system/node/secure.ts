/**
 * TLS 1.3 to a peer that is known by its key. The certificate carries the key, and that the peer has the private one
 * is proven by the handshake (RFC 8446 4.4.3); who signed the certificate does not matter, as in SSH.
 *
 * A session is resumed (RFC 8446 2.2) when this process has had one with the peer: what is sent on it is still
 * encrypted under new keys, and no data goes out before the peer has answered. Nothing of it is written to a disk.
 */
import type { X509Certificate } from 'node:crypto';
import type { ConnectionOptions, SecureContext, TLSSocket } from 'node:tls';
import type { ByteString } from '../bytes.ts';
import type { SecurePeer, SecureStream } from '../system.ts';
import { errorCode, errorText, SystemError } from '../system-error.ts';
import { certificateFingerprint, isExpired } from './certificate.ts';
import { nodeStream } from './stream.ts';

/** A session with a peer that has shown this certificate; who resumes it can be nobody else. */
interface Session {
  readonly ticket: Buffer;
  readonly certificate: X509Certificate;
}

/** Peers whose last session is kept. */
const sessionsMax = 64;

const sessions = new Map<string, Session>();

function keep(peer: string, session: Session): void {
  sessions.delete(peer);
  sessions.set(peer, session);
  const [oldest] = sessions.keys();
  if (sessions.size > sessionsMax && oldest !== undefined) sessions.delete(oldest);
}

const reasons: Readonly<Record<string, string>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS on this port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS on this port',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it offers no TLS 1.3',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'it offers no TLS 1.3',
  ECONNRESET: 'it closed the connection before TLS was established',
};

let lastContext: { readonly identity: ByteString; readonly context: SecureContext } | undefined;

/** Made once for an identity. Naming an authority keeps Node from reading all that it knows, which takes its time. */
function contextOf(identity: ByteString): SecureContext {
  if (lastContext?.identity === identity) return lastContext.context;
  const { createSecureContext } = process.getBuiltinModule('node:tls');
  const context = createSecureContext({ key: identity, cert: identity, ca: identity, minVersion: 'TLSv1.3' });
  lastContext = { identity, context };
  return context;
}

function handshakeFailure(peer: SecurePeer, error: Error): Error {
  const code = errorCode(error);
  if (code.endsWith('ALERT_NO_APPLICATION_PROTOCOL'))
    return new SystemError('EPROTO', `it does not speak ${peer.protocol} in TLS`, error);
  const reason = reasons[code];
  if (reason !== undefined) return new SystemError('EPROTO', reason, error);
  return code.startsWith('ERR_')
    ? new SystemError('EPROTO', `TLS failed: ${errorText(error)}`, error)
    : error;
}

/** The peer's certificate, when it is who it should be; throws, with the reason, when it is not. */
function identify(
  socket: TLSSocket,
  { pins, protocol }: SecurePeer,
  session: Session | undefined,
): X509Certificate {
  // It shows its certificate when a session begins, and not again when that is resumed.
  const certificate = socket.isSessionReused() ? session?.certificate : socket.getPeerX509Certificate();
  if (certificate === undefined) throw new SystemError('EPROTO', 'it shows no key');
  const fingerprint = certificateFingerprint(certificate);
  if (pins !== 'any' && !pins.includes(fingerprint))
    throw new SystemError('EPROTO', `its key ${fingerprint} is not the one that is pinned`);
  if (isExpired(certificate, Date.now()))
    throw new SystemError('EPROTO', `its certificate has expired: ${certificate.validTo}`);
  if (socket.alpnProtocol !== protocol)
    throw new SystemError('EPROTO', `it does not speak ${protocol} in TLS`);
  return certificate;
}

/** By the contract of Network.connectSecure. */
export function connectSecure(peer: SecurePeer, timeoutMs: number): Promise<SecureStream> {
  const { connect } = process.getBuiltinModule('node:tls');
  const { address, port, identity, serverName, protocol } = peer;
  const where = `${address} port ${port}`;
  // Another key of ours, or another that is expected, begins anew.
  const name = [where, identity, ...peer.pins].join(' ');
  const session = sessions.get(name);
  return new Promise((fulfil, reject) => {
    const fail = (error: unknown) => {
      clearTimeout(timer);
      sessions.delete(name);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () => fail(new SystemError('ETIMEDOUT', `${where}: no connection after ${timeoutMs} ms`)),
      timeoutMs,
    );
    const options: ConnectionOptions & { readonly noDelay: boolean } = {
      host: address,
      port,
      noDelay: true,
      secureContext: contextOf(identity),
      ALPNProtocols: [protocol],
      // Nobody vouches for the peer: it is looked at below.
      rejectUnauthorized: false,
      ...(serverName === undefined ? {} : { servername: serverName }),
      ...(session === undefined ? {} : { session: session.ticket }),
    };
    const socket = connect(options);
    socket.once('error', (error) => fail(handshakeFailure(peer, error)));
    socket.once('secureConnect', () => {
      try {
        const certificate = identify(socket, peer, session);
        const peerFingerprint = certificateFingerprint(certificate);
        socket.on('session', (ticket) => keep(name, { ticket, certificate }));
        clearTimeout(timer);
        socket.removeAllListeners('error');
        fulfil({ ...nodeStream(socket, where), peerFingerprint });
      } catch (error) {
        fail(error);
      }
    });
  });
}
