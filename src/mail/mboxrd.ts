/**
 * A message as it stands in an mbox (mbox(5), the mboxrd form): a line that begins with any number of ">" and then
 * "From " gets one more ">", a last line without LF gets one, and an empty line follows.
 *
 * The bytes come in pieces of any size. Of a line that may turn out to be such a one, only what was matched of "From "
 * is held back: the ">" before it can go out at once, for one more is one more, wherever in the run it stands.
 */
import { bytesOf, concatBytes } from '../system/index.ts';

export interface MboxQuoter {
  /** The bytes to write for these. They are the same array when nothing had to be inserted. */
  feed(bytes: Uint8Array): Uint8Array;
  /** What follows the last bytes. */
  end(): Uint8Array;
}

const lineFeed = 10;
const quote = 62;
const fromWord = bytesOf('From ');
const quoteMark = bytesOf('>');

export function createMboxQuoter(): MboxQuoter {
  /** Whether this is still the beginning of a line: ">" and what was matched of "From " after them. */
  let beginning = true;
  let matched = 0;
  let lastByte = lineFeed;

  function step(byte: number): boolean {
    if (byte === fromWord[matched]) {
      matched += 1;
      if (matched < fromWord.length) return false;
      beginning = false;
      matched = 0;
      return true;
    }
    beginning = byte === quote && matched === 0;
    matched = 0;
    return false;
  }

  return {
    feed(bytes) {
      const held = matched;
      const whole = held === 0 ? bytes : concatBytes([fromWord.subarray(0, held), bytes]);
      const parts: Uint8Array[] = [];
      let written = 0;
      let index = held;
      while (index < whole.length) {
        if (!beginning) {
          const found = whole.indexOf(lineFeed, index);
          if (found < 0) break;
          index = found + 1;
          beginning = true;
          continue;
        }
        const byte = whole[index] ?? 0;
        index += 1;
        if (step(byte)) {
          const at = index - fromWord.length;
          parts.push(whole.subarray(written, at), quoteMark);
          written = at;
        } else if (byte === lineFeed) {
          beginning = true;
        }
      }
      if (bytes.length > 0) lastByte = bytes[bytes.length - 1] ?? lineFeed;
      const end = whole.length - matched;
      if (parts.length === 0) return whole.subarray(0, end);
      return concatBytes([...parts, whole.subarray(written, end)]);
    },
    end() {
      const held = fromWord.subarray(0, matched);
      return concatBytes([held, bytesOf(lastByte === lineFeed ? '\n' : '\n\n')]);
    },
  };
}
