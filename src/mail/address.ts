/**
 * Addresses as qmail keeps them: raw bytes, box@host, without quotes. Quoting exists only on the wire and in
 * header fields (RFC 5321 4.1.2, RFC 5322 3.2.4).
 */
import type { ByteString } from '../system/index.ts';

export interface AddressParts {
  readonly local: ByteString;
  /** undefined when the address has no @. */
  readonly domain: ByteString | undefined;
}

/** Splits at the last @, as every qmail program does. */
export function splitAddress(address: ByteString): AddressParts {
  const at = address.lastIndexOf('@');
  if (at < 0) return { local: address, domain: undefined };
  return { local: address.slice(0, at), domain: address.slice(at + 1) };
}

/** RFC 5322 atext and the dot: what may stand in a local part without quotes. */
const unquoted = new Set(
  "!#$%&'*+-./0123456789=?ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz{|}~",
);

/** Whether a local part can only be written as a quoted-string. */
export function needsQuotes(local: ByteString): boolean {
  if (local === '' || local.startsWith('.') || local.endsWith('.') || local.includes('..')) return true;
  for (const character of local) if (!unquoted.has(character)) return true;
  return false;
}

/** A local part as a quoted-string when it is no dot-atom. */
function quoteLocal(local: ByteString): ByteString {
  if (!needsQuotes(local)) return local;
  let quoted = '"';
  for (const character of local) {
    if (character === '\r' || character === '\n' || character === '"' || character === '\\') quoted += '\\';
    quoted += character;
  }
  return `${quoted}"`;
}

/** An address for a header field or an SMTP command; the empty address stays empty. */
export function quoteAddress(address: ByteString): ByteString {
  if (address === '') return '';
  const { local, domain } = splitAddress(address);
  return domain === undefined ? quoteLocal(local) : `${quoteLocal(local)}@${domain}`;
}
