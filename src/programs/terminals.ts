/**
 * Who is logged in where, as utmp(5) has it: records of fixed size, in the form of the C library of this machine. Of a
 * record only these parts are read, which lie in the same places on all Linux machines:
 *
 *     type (16 bits, little-endian, 7: a user is logged in) at 0, line (32 bytes) at 8, user (32 bytes) at 44
 */
import type { ByteString } from '../system/index.ts';

/** Bytes of a record: times have 32 bits in it on x86-64, and 64 on the machines that came later. */
export const utmpRecordBytes = process.arch === 'x64' || process.arch === 'ia32' ? 384 : 400;

const typeUser = 7;
const lineAt = 8;
const userAt = 44;
const textBytes = 32;

/** Text in a field of fixed size: it ends at the first NUL, or fills the field. */
function textAt(record: Buffer, offset: number): ByteString {
  const field = record.toString('latin1', offset, offset + textBytes);
  const end = field.indexOf('\0');
  return end < 0 ? field : field.slice(0, end);
}

/** A name under /dev, and nothing that leads elsewhere. */
function isTerminalName(line: ByteString): boolean {
  return line !== '' && !line.startsWith('/') && !line.includes('.');
}

/** The terminals where a user is logged in, as names under /dev. */
export function terminalsOf(
  utmp: Buffer,
  user: ByteString,
  recordBytes: number = utmpRecordBytes,
): readonly ByteString[] {
  const found = new Set<ByteString>();
  for (let start = 0; start + recordBytes <= utmp.length; start += recordBytes) {
    const record = utmp.subarray(start, start + recordBytes);
    const type = record.readInt16LE(0);
    const line = textAt(record, lineAt);
    if (type === typeUser && textAt(record, userAt) === user && isTerminalName(line)) found.add(line);
  }
  return [...found];
}
