/** Who a client in TLS is, by its key, and what it is told when it may not send. */
import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { secureProtocol } from '../../../qmqp/index.ts';
import { type Answer, type ByteString, byteStringOf, lowerAscii } from '../../system/index.ts';
import { certificateFingerprint, isExpired } from '../../system/node/index.ts';
import { plainAddress } from '../peer.ts';
import type { Register, Satellite } from './register.ts';
import type { EnrolRequest } from './requests.ts';

/** What the log calls it, and who it is or why it is nobody. It is told Z: its mail is to wait until it is known. */
export type Caller = { readonly peer: string; readonly ip: ByteString } & (
  | { readonly satellite: Satellite; readonly refusal?: undefined }
  | { readonly satellite?: undefined; readonly refusal: Answer }
);

export interface Acquaintance {
  readonly register: Register;
  now(): number;
  /** Answers whether it is noted. */
  note(request: EnrolRequest): boolean;
}

function refused(text: string): Answer {
  return { verdict: 'Z', text: `${text} (#4.7.0)` };
}

function nameIn(certificate: X509Certificate): ByteString {
  const { CN } = certificate.toLegacyObject().subject;
  return lowerAscii(byteStringOf(typeof CN === 'string' ? CN : ''));
}

export function identify(socket: TLSSocket, { register, now, note }: Acquaintance): Caller {
  const ip = plainAddress(socket.remoteAddress);
  const stranger = (text: string, peer: string = ip): Caller => ({ ip, peer, refusal: refused(text) });
  // Programs that only tunnel name no protocol: false.
  if (typeof socket.alpnProtocol === 'string' && socket.alpnProtocol !== secureProtocol)
    return stranger(`this port is for ${secureProtocol} in TLS`);
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return stranger('a satellite is known by its key, and none was shown');
  const fingerprint = certificateFingerprint(certificate);
  const satellite = register.find(fingerprint);
  if (satellite === undefined) {
    const isNoted = note({ fingerprint, name: nameIn(certificate), ip, atMs: now() });
    const next = `${isNoted ? 'the request is noted, and ' : ''}its operator approves it with qmail-satellites`;
    return stranger(`this hub does not know the key ${fingerprint}: ${next}`);
  }
  const { name, policy } = satellite;
  if (policy.revoked) return stranger(`the key of ${name} is revoked`, name);
  if (isExpired(certificate, now()))
    return stranger(`the certificate of ${name} has expired: ${certificate.validTo}`, name);
  return { ip, peer: name, satellite };
}
