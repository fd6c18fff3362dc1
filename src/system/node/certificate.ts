/** What is asked of a peer's certificate: whose key it is of, and whether its time is over. Nobody's signature counts. */
import type { X509Certificate } from 'node:crypto';
import type { ByteString } from '../bytes.ts';

/** `sha256:` and the SHA-256 of the SubjectPublicKeyInfo (RFC 5280 4.1.2.7) in hexadecimal digits. */
export function certificateFingerprint(certificate: X509Certificate): ByteString {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return `sha256:${createHash('sha256').update(spki).digest('hex')}`;
}

export function isExpired(certificate: X509Certificate, nowMs: number): boolean {
  return Date.parse(certificate.validTo) < nowMs;
}
