/**
 * Counts the hosts that a message has come through, while it arrives: lines of its header that begin with `received` or
 * `delivered`, as qmail-smtpd counts them. The header ends at the first empty line.
 */

export interface HopCounter {
  /** Takes the next bytes of the message, whose lines end in LF. */
  feed(bytes: Uint8Array): void;
  readonly hops: number;
}

const lf = 10;
const lower = 32;

const names = ['received', 'delivered'].map((name) => [...name].map((letter) => letter.charCodeAt(0)));

export function createHopCounter(): HopCounter {
  let hops = 0;
  let inHeader = true;
  /** How many bytes of the line were seen. */
  let column = 0;
  /** The names that the line may still be. */
  let candidates: readonly (readonly number[])[] = names;

  /** Whether the line is one of the names now. */
  function isName(byte: number): boolean {
    candidates = candidates.filter((name) => name[column] === (byte | lower));
    column += 1;
    return candidates.some((name) => name.length === column);
  }

  return {
    feed(bytes) {
      for (let index = 0; inHeader && index < bytes.length; index += 1) {
        const byte = bytes[index] ?? 0;
        if (byte === lf) {
          inHeader = column > 0;
          column = 0;
          candidates = names;
        } else if (candidates.length === 0) {
          const end = bytes.indexOf(lf, index);
          index = end < 0 ? bytes.length : end - 1;
        } else if (isName(byte)) {
          hops += 1;
          candidates = [];
        }
      }
    },
    get hops() {
      return hops;
    },
  };
}
