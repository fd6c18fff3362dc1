/**
 * Command lines out of bytes that arrive in pieces of any size (RFC 5321 2.3.8 and 4.5.3.1.4):
 *
 *     line = *( any byte but CR, LF and NUL ) CR LF
 *
 * Nothing else ends a line, and nothing else has a CR or LF in it. It keeps no more than one line up to its limit; the
 * rest of a longer one is passed over.
 */
import { type ByteString, textOf } from '../../system/index.ts';

export type Line =
  | { readonly kind: 'line'; readonly text: ByteString }
  | { readonly kind: 'too-long' }
  /** A CR or LF that is not part of CR LF, or a NUL. */
  | { readonly kind: 'malformed' };

export interface LineReader {
  /** The line that ends in bytes[from...], and where the next begins; undefined when it takes more bytes. */
  read(bytes: Uint8Array, from: number): { readonly line: Line; readonly end: number } | undefined;
  /** Whether a line has begun. */
  readonly begun: boolean;
  /** Forgets what has begun. */
  clear(): void;
}

const lf = 10;

function lineOf(text: ByteString): Line {
  const content = text.slice(0, -1);
  const sound = text.endsWith('\r') && !content.includes('\r') && !content.includes('\0');
  return sound ? { kind: 'line', text: content } : { kind: 'malformed' };
}

/** `bytesMax`: of a line without its end. */
export function createLineReader(bytesMax: number): LineReader {
  let partial = '';
  let passedOver = false;

  /** A CR at the end may be half of the line's end. */
  function keep(text: ByteString): void {
    partial += text;
    if (partial.length <= bytesMax + 1) return;
    passedOver = true;
    partial = '';
  }

  return {
    read(bytes, from) {
      const found = bytes.indexOf(lf, from);
      const end = found < 0 ? bytes.length : found;
      if (!passedOver) keep(textOf(bytes, from, Math.min(end, from + bytesMax + 2)));
      if (found < 0) return undefined;
      const line: Line = passedOver ? { kind: 'too-long' } : lineOf(partial);
      partial = '';
      passedOver = false;
      return { line, end: end + 1 };
    },
    get begun() {
      return partial !== '' || passedOver;
    },
    clear() {
      partial = '';
      passedOver = false;
    },
  };
}
