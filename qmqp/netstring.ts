/**
 * Netstrings, read strictly and incrementally:
 *
 *     netstring = length ":" bytes ","
 *     length    = "0" / ( "1" to "9" ) *DIGIT
 *
 * A letter, a leading zero or a missing comma makes the input malformed at that byte, and a length over the limit
 * is refused before a byte of the body is read.
 */
import { type ByteString, concatBytes } from '../src/system/index.ts';

/** What a length is while it is read: these, or the number that its digits make so far. */
export const lengthEmpty = -1;
export const lengthMalformed = -2;
export const lengthTooLong = -3;

const digitZero = 48;
export const colon = 58;
export const comma = 44;

/** The length after one more byte that is no colon. `lengthMax` must leave room for another digit in an integer. */
export function addDigit(length: number, byte: number, lengthMax: number): number {
  const digit = byte - digitZero;
  if (digit < 0 || digit > 9 || length === 0) return lengthMalformed;
  const longer = length === lengthEmpty ? digit : length * 10 + digit;
  return longer > lengthMax ? lengthTooLong : longer;
}

/** How many bytes a netstring has around a body of this size. */
export function framingBytes(sizeBytes: number): number {
  return String(sizeBytes).length + 2;
}

export function formatNetstring(body: ByteString): ByteString {
  return `${body.length}:${body},`;
}

export type NetstringState =
  | { readonly state: 'more' }
  | { readonly state: 'complete'; readonly body: Uint8Array }
  | { readonly state: 'malformed' }
  | { readonly state: 'too-long' };

export interface NetstringParser {
  /** Takes the next bytes; what follows the comma is ignored. Once the state is no longer `more` it stays. */
  feed(bytes: Uint8Array): NetstringState;
}

/** Reads one netstring whose body fits in memory. */
export function createNetstringParser(sizeBytesMax: number): NetstringParser {
  let length = lengthEmpty;
  let inBody = false;
  let body: Uint8Array[] = [];
  let missing = 0;
  let result: NetstringState = { state: 'more' };

  function takeLength(byte: number): void {
    if (byte === colon && length >= 0) {
      inBody = true;
      missing = length;
      return;
    }
    length = addDigit(length, byte, sizeBytesMax);
    if (length === lengthMalformed) result = { state: 'malformed' };
    else if (length === lengthTooLong) result = { state: 'too-long' };
  }

  return {
    feed(bytes) {
      let index = 0;
      while (index < bytes.length && result.state === 'more') {
        if (!inBody) {
          takeLength(bytes[index] ?? 0);
          index += 1;
        } else if (missing > 0) {
          const count = Math.min(missing, bytes.length - index);
          body.push(bytes.slice(index, index + count));
          missing -= count;
          index += count;
        } else {
          const exact = bytes[index] === comma;
          result = exact ? { state: 'complete', body: concatBytes(body) } : { state: 'malformed' };
          body = [];
        }
      }
      return result;
    },
  };
}
