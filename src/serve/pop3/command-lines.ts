/**
 * Takes the lines of commands out of bytes as they come:
 *
 *     line = *( byte ) [ CR ] LF
 *
 * A line over the limit is said once, and passed over to its end.
 */
import { type ByteString, textOf } from '../../system/index.ts';

export interface CommandLines {
  /** Takes more bytes. */
  feed(bytes: Uint8Array): void;
  /** The next line without its end, `too-long` in the place of one, or undefined when there is none so far. */
  next(): ByteString | typeof tooLong | undefined;
  /** All bytes that have come behind the last line that was taken. */
  rest(): Uint8Array;
}

export const tooLong: unique symbol = Symbol('too long');

const lf = 10;

function withoutCr(line: ByteString): ByteString {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** `lineBytesMax`: with the line end. What has come and was not taken is kept: feed little at a time. */
export function createCommandLines(lineBytesMax: number): CommandLines {
  let unread: Uint8Array = new Uint8Array(0);
  /** Within a line that was too long. */
  let skipping = false;

  function skip(): void {
    const end = unread.indexOf(lf);
    unread = end < 0 ? new Uint8Array(0) : unread.subarray(end + 1);
    skipping = end < 0;
  }

  return {
    feed(bytes) {
      if (unread.length === 0) {
        unread = bytes.slice();
      } else {
        const joined = new Uint8Array(unread.length + bytes.length);
        joined.set(unread);
        joined.set(bytes, unread.length);
        unread = joined;
      }
      if (skipping) skip();
    },
    next() {
      if (skipping) return undefined;
      const end = unread.indexOf(lf);
      if (end >= lineBytesMax || (end < 0 && unread.length >= lineBytesMax)) {
        skip();
        return tooLong;
      }
      if (end < 0) return undefined;
      const line = textOf(unread, 0, end);
      unread = unread.subarray(end + 1);
      return withoutCr(line);
    },
    rest: () => unread,
  };
}
