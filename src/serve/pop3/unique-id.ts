/**
 * The unique-id of a message (RFC 1939 7): 1 to 70 characters from 0x21 to 0x7E. It is the name of its file, up to the colon
 * behind which readers have their flags, as with qmail-pop3d; where that does not fit, a digest of it.
 */
import { createHash } from 'node:crypto';
import type { ByteString } from '../../system/index.ts';

const lengthMax = 70;

/** A file's name up to its colon. */
export function baseOf(name: ByteString): ByteString {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(0, colon);
}

export function uniqueId(name: ByteString): string {
  const base = baseOf(name);
  const fits =
    base.length > 0 && base.length <= lengthMax && ![...base].some((char) => char < '!' || char > '~');
  return fits ? base : createHash('sha256').update(base, 'latin1').digest('hex');
}
