/**
 * A message as POP3 sends it (RFC 1939 3): each line ends with CR LF, and one that begins with a dot has another in front.
 * In a file lines end with LF; a line there that ends with CR LF gets no second CR, and a last line without an end gets one.
 */

export interface WireEncoder {
  /** The next bytes as they are sent; the array is good until the next call. */
  feed(bytes: Uint8Array): Uint8Array;
  /** Whether no more of the message is wanted: TOP has its lines. */
  readonly full: boolean;
  /** What ends the message: the end of its last line, and the line of a single dot. */
  end(): Uint8Array;
}

const cr = 13;
const lf = 10;
const dot = 46;

/** `bodyLines`: how many lines behind the header are wanted; all of them without it. */
export function createWireEncoder(bodyLines?: number): WireEncoder {
  let into = new Uint8Array(0);
  let atLineStart = true;
  let last = 0;
  let inHeader = true;
  let headerLineIsEmpty = true;
  let wanted = bodyLines ?? Number.POSITIVE_INFINITY;
  let full = false;

  /** A line has ended. */
  function count(): void {
    if (!inHeader) wanted -= 1;
    else if (headerLineIsEmpty) inHeader = false;
    headerLineIsEmpty = true;
    full = !inHeader && wanted <= 0;
  }

  return {
    feed(bytes) {
      // At worst each byte is a line end, or a dot behind one.
      const most = 2 * bytes.length + 1;
      if (into.length < most) into = new Uint8Array(most);
      let at = 0;
      let from = 0;
      while (from < bytes.length && !full) {
        const found = bytes.indexOf(lf, from);
        const end = found < 0 ? bytes.length : found;
        if (end > from) {
          if (atLineStart && bytes[from] === dot) {
            into[at] = dot;
            at += 1;
          }
          into.set(bytes.subarray(from, end), at);
          at += end - from;
          // A line of a single CR is an empty one; its CR may have come with the piece before.
          if (end - from > 1 || !atLineStart || bytes[from] !== cr) headerLineIsEmpty = false;
          last = bytes[end - 1] ?? 0;
          atLineStart = false;
        }
        if (found < 0) break;
        if (atLineStart || last !== cr) {
          into[at] = cr;
          at += 1;
        }
        into[at] = lf;
        at += 1;
        atLineStart = true;
        last = lf;
        from = found + 1;
        count();
      }
      return into.subarray(0, at);
    },
    get full() {
      return full;
    },
    end() {
      if (atLineStart) return endOfMessage;
      return last === cr ? endAfterCr : endOfPartialLine;
    },
  };
}

const encode = (text: string) => new TextEncoder().encode(text);
const endOfMessage = encode('.\r\n');
const endAfterCr = encode('\n.\r\n');
const endOfPartialLine = encode('\r\n.\r\n');
