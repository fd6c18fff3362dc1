/**
 * The form of a constant database (D. J. Bernstein, "A structure for constant databases"): a header of 256 pairs
 * (position, slots), one for each hash table; then the records (key length, data length, key, data); then the tables,
 * each a row of slots (hash, position of the record), position 0 for an empty one. All numbers are 32 bits, the
 * lowest byte first. A key's table is the lowest byte of its hash, its first slot the rest of the hash modulo the
 * number of slots; a slot that is taken sends on to the next.
 */
import { type ByteString, bytesOf } from '../system/index.ts';

/** What is stored: byte strings, or bytes. */
export type CdbBytes = ByteString | Uint8Array;

export const tableCount = 256;

/** A pair of numbers: an entry of the header, a slot, the head of a record. */
export const pairBytes = 8;

export const headerBytes = tableCount * pairBytes;

/** Positions are numbers of 32 bits: nothing lies beyond, and nothing ends beyond. */
export const fileBytesMax = 0xffffffff;

export function cdbBytes(value: CdbBytes): Uint8Array {
  return typeof value === 'string' ? bytesOf(value) : value;
}

export function cdbHash(key: Uint8Array): number {
  let hash = 5381;
  for (const byte of key) hash = Math.imul(hash, 33) ^ byte;
  return hash >>> 0;
}

/** Which of the tables a hash belongs to, and where in it the search begins. */
export function tableOf(hash: number): number {
  return hash % tableCount;
}

export function firstSlot(hash: number, slots: number): number {
  return (hash >>> 8) % slots;
}
