/**
 * Lines that end in CR LF become lines that end in LF, in a message whose first line does. PHP from version 8 on, and
 * whatever builds a message for SMTP, hands sendmail such lines; in a mailbox, and in another header that is signed or
 * searched, each CR would be a character of its own. A CR anywhere else stays, and so does every byte of other messages.
 */

const carriageReturn = 13;
const lineFeed = 10;

/** Changes the pieces that it is given. What it yields is valid until the next piece is asked for. */
export function* unixLines(input: Iterable<Uint8Array>): Generator<Uint8Array> {
  let held = false;
  /** Undefined until the first line has ended. */
  let changes: boolean | undefined;
  for (const piece of input) {
    if (piece.length === 0) continue;
    const end = changes === undefined ? piece.indexOf(lineFeed) : -1;
    if (end >= 0) changes = end === 0 ? held : piece[end - 1] === carriageReturn;
    if (held) {
      held = false;
      if (piece[0] !== lineFeed) yield Uint8Array.of(carriageReturn);
    }
    let from: number = changes === false ? -1 : piece.indexOf(carriageReturn);
    if (from < 0) {
      yield piece;
      continue;
    }
    let to = from;
    for (; from < piece.length; from += 1) {
      const byte = piece[from] ?? 0;
      if (byte === carriageReturn) {
        held = from + 1 === piece.length;
        if (held || piece[from + 1] === lineFeed) continue;
      }
      piece[to] = byte;
      to += 1;
    }
    if (to > 0) yield piece.subarray(0, to);
  }
  if (held) yield Uint8Array.of(carriageReturn);
}
