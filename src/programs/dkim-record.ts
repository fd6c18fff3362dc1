/** What DNS has to say of a key that messages are signed with (RFC 6376 3.6.1; RFC 8463 4.2). */
import { createPublicKey } from 'node:crypto';
import type { SignedBy } from '../authenticate/index.ts';

/** Bytes of one string of a TXT record (RFC 1035 3.3.14). */
const stringBytesMax = 255;

/** In the SubjectPublicKeyInfo of an Ed25519 key, what stands before the key itself (RFC 8410 4). */
const ed25519HeadBytes = 12;

export interface DkimRecord {
  readonly name: string;
  readonly value: string;
}

/** Throws when it is no key, or none of a kind that signs messages. */
export function dkimRecord({ domain, selector, privateKey }: SignedBy): DkimRecord {
  const key = createPublicKey(privateKey);
  const type = key.asymmetricKeyType;
  if (type !== 'rsa' && type !== 'ed25519')
    throw new Error(`a key of the kind ${type ?? 'unknown'} signs no messages`);
  const der = key.export({ type: 'spki', format: 'der' });
  const bits = der.subarray(type === 'ed25519' ? ed25519HeadBytes : 0).toString('base64');
  return { name: `${selector}._domainkey.${domain}`, value: `v=DKIM1; k=${type}; p=${bits}` };
}

/** As a line of a zone file. */
export function zoneLine({ name, value }: DkimRecord): string {
  const strings: string[] = [];
  for (let from = 0; from < value.length; from += stringBytesMax)
    strings.push(`"${value.slice(from, from + stringBytesMax)}"`);
  return `${name}. IN TXT ${strings.join(' ')}`;
}
