/**
 * Fetches the policy of a domain (RFC 8461 3.3): from https://mta-sts.DOMAIN/.well-known/mta-sts.txt, by a server with a
 * certificate for that name, without redirections, within limits.
 */
import { request } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { ByteString } from '../../system/index.ts';

/** Bytes of a policy, and how long it may take to get it. */
export const stsPolicyBytesMax = 65_536;
export const stsFetchMsMax = 30_000;

export interface PolicyPlace {
  /** Answers the address of a name. */
  readonly addressOf: (name: string) => Promise<string | undefined>;
  /** Authorities, in PEM, in place of those that Node knows. */
  readonly authorities: string | undefined;
  readonly port?: number;
  readonly timeoutMs?: number;
}

/** The text, in bytes. Rejects when it cannot be had now. */
export function fetchStsPolicy(domain: ByteString, place: PolicyPlace): Promise<ByteString> {
  const host = `mta-sts.${domain}`;
  const lookup: LookupFunction = (name, options, found) => {
    place.addressOf(name).then(
      (address) => {
        if (address === undefined) found(new Error(`DNS knows no address of ${name}`), '');
        else if (options.all === true) found(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
        else found(null, address, address.includes(':') ? 6 : 4);
      },
      (error: Error) => found(error, ''),
    );
  };
  return new Promise((resolve, reject) => {
    const asked = request({
      host,
      servername: host,
      port: place.port ?? 443,
      path: '/.well-known/mta-sts.txt',
      lookup,
      agent: false,
      signal: AbortSignal.timeout(place.timeoutMs ?? stsFetchMsMax),
      ...(place.authorities === undefined ? {} : { ca: place.authorities }),
    });
    const fail = (reason: string) => {
      asked.destroy();
      reject(new Error(reason));
    };
    asked.on('error', reject);
    asked.on('response', (response) => {
      const type = response.headers['content-type'] ?? '';
      if (response.statusCode !== 200) fail(`${host} answers ${response.statusCode}`);
      else if (!type.toLowerCase().startsWith('text/plain')) fail(`${host} sends no text`);
      let text = '';
      response.setEncoding('latin1');
      response.on('error', reject);
      response.on('data', (piece: string) => {
        text += piece;
        if (text.length > stsPolicyBytesMax) fail(`${host} sends more than ${stsPolicyBytesMax} bytes`);
      });
      response.on('end', () => resolve(text));
    });
    asked.end();
  });
}
