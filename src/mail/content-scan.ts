/**
 * What a part of a MIME message must say of its bytes (RFC 2045 2.7 to 2.9, 6.2), found in one pass and without keeping
 * any: 7bit, 8bit, or binary for what holds NUL or a line of more than 998 bytes. CR before LF passes as part of a line.
 */

export type TransferEncoding = '7bit' | '8bit' | 'binary';

export interface ContentScan {
  readonly encoding: TransferEncoding;
  /** Whether the bytes over 127, if any, are UTF-8 (RFC 3629). */
  readonly utf8: boolean;
}

const lineBytesMax = 998;
const lineFeed = 10;

interface Utf8State {
  valid: boolean;
  /** Bytes of a character that are to follow, and the range of the next one. */
  missing: number;
  low: number;
  high: number;
}

/**
 *     UTF8-2 = %xC2-DF tail          UTF8-3 = %xE0 %xA0-BF tail / %xE1-EC 2tail / %xED %x80-9F tail / %xEE-EF 2tail
 *     UTF8-4 = %xF0 %x90-BF 2tail / %xF1-F3 3tail / %xF4 %x80-8F 2tail          tail = %x80-BF
 */
function stepUtf8(state: Utf8State, byte: number): void {
  if (state.missing > 0) {
    if (byte < state.low || byte > state.high) state.valid = false;
    state.missing -= 1;
    state.low = 0x80;
    state.high = 0xbf;
    return;
  }
  if (byte < 0x80) return;
  if (byte < 0xc2 || byte > 0xf4) {
    state.valid = false;
    return;
  }
  state.missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
  state.low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
  state.high = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
}

export interface ContentScanner {
  feed(bytes: Uint8Array): void;
  /** What is known of the bytes so far, as if they were all. */
  readonly scan: ContentScan;
}

export function createContentScanner(): ContentScanner {
  const utf8: Utf8State = { valid: true, missing: 0, low: 0x80, high: 0xbf };
  let eightBit = false;
  let binary = false;
  let column = 0;
  return {
    feed(bytes) {
      for (const byte of bytes) {
        column = byte === lineFeed ? 0 : column + 1;
        if (byte === 0 || column > lineBytesMax) binary = true;
        if (byte > 127) eightBit = true;
        if (byte > 127 || utf8.missing > 0) stepUtf8(utf8, byte);
      }
    },
    get scan() {
      const encoding: TransferEncoding = binary ? 'binary' : eightBit ? '8bit' : '7bit';
      return { encoding, utf8: utf8.valid && utf8.missing === 0 };
    },
  };
}

const order: readonly TransferEncoding[] = ['7bit', '8bit', 'binary'];

/** What a multipart must say: at least what each of its parts says. */
export function widestEncoding(encodings: readonly TransferEncoding[]): TransferEncoding {
  return encodings.reduce((one, other) => (order.indexOf(one) > order.indexOf(other) ? one : other), '7bit');
}
