/** A question of a DNS message (RFC 1035 4.1.2): the addresses of one family of a name. */
import { type ByteString, concatBytes } from '../system/index.ts';
import { formatName } from './name.ts';

/** RFC 1035 3.2.2, RFC 3596 2.1. */
export const recordType = { a: 1, cname: 5, soa: 6, aaaa: 28 } as const;

/** RFC 1035 3.2.4: the Internet. */
export const internetClass = 1;

/** A random number that an answer must repeat. */
export const idMax = 0xffff;

export interface Question {
  readonly id: number;
  /** In lower case, without the dot at its end. */
  readonly name: ByteString;
  readonly type: typeof recordType.a | typeof recordType.aaaa;
}

/** The header's flags (RFC 1035 4.1.1): recursion is desired. */
const recursionDesired = 0x01;

/** A query with this one question, or undefined when its name cannot be asked for. */
export function formatQuery({ id, name, type }: Question): Uint8Array | undefined {
  const bytes = formatName(name);
  if (bytes === undefined) return undefined;
  const header = [id >> 8, id & 0xff, recursionDesired, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  return concatBytes([Uint8Array.from(header), Uint8Array.from([...bytes, 0, type, 0, internetClass])]);
}
