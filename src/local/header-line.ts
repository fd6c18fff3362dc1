/**
 * Whether a message's header has a certain line, byte for byte. A message that already has our Delivered-To line has
 * been here before: it loops (qmail-local(8)). The header may be of any length; nothing of it is kept.
 */

const lineFeed = 10;

/** How far a line that goes on over several pieces has been compared. */
interface Progress {
  column: number;
  same: boolean;
}

/** `line` ends with LF. The header ends at the first empty line; a last line without LF does not count. */
export function hasHeaderLine(chunks: Iterable<Uint8Array>, line: Uint8Array): boolean {
  const progress: Progress = { column: 0, same: true };
  for (const chunk of chunks) {
    const found = lookThrough(chunk, line, progress);
    if (found !== undefined) return found;
  }
  return false;
}

/** The lines of one piece: whether the line was found, or undefined while the header goes on. */
function lookThrough(chunk: Uint8Array, line: Uint8Array, progress: Progress): boolean | undefined {
  let start = 0;
  for (;;) {
    const found = chunk.indexOf(lineFeed, start);
    const end = found < 0 ? chunk.length : found + 1;
    progress.same &&= isAt(line, progress.column, chunk.subarray(start, end));
    progress.column += end - start;
    if (found < 0) return undefined;
    if (progress.column === 1) return false;
    if (progress.same && progress.column === line.length) return true;
    progress.column = 0;
    progress.same = true;
    start = end;
  }
}

function isAt(line: Uint8Array, column: number, part: Uint8Array): boolean {
  if (column + part.length > line.length) return false;
  return part.every((byte, index) => byte === line[column + index]);
}
