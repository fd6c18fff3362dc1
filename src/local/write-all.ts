/** Writing to a file, on the thread pool unless the caller says otherwise: the event loop goes on while the disk works. */
import { writev } from 'node:fs';
import { promisify } from 'node:util';
import { SystemError } from '../system/index.ts';

const writeParts = promisify(writev);

/** Writes at the descriptor's position; answers how many bytes, at once or later. */
export type Write = (descriptor: number, parts: readonly Uint8Array[]) => number | Promise<number>;

export const writeOnThread: Write = async (descriptor, parts) =>
  (await writeParts(descriptor, parts)).bytesWritten;

/** What is left of the parts after so many bytes. */
function skip(parts: readonly Uint8Array[], sizeBytes: number): readonly Uint8Array[] {
  let left = sizeBytes;
  const rest: Uint8Array[] = [];
  for (const part of parts) {
    if (left < part.length) rest.push(part.subarray(left));
    left = Math.max(0, left - part.length);
  }
  return rest;
}

/** Writes all of the parts at the descriptor's position, in one call where the system takes them at once. */
export async function writeAll(
  descriptor: number,
  parts: readonly Uint8Array[],
  write = writeOnThread,
): Promise<void> {
  let rest = skip(parts, 0);
  while (rest.length > 0) {
    const bytesWritten = await write(descriptor, rest);
    if (bytesWritten === 0) throw new SystemError('EIO', 'the file takes no more bytes');
    rest = skip(rest, bytesWritten);
  }
}

/**
 * Writes `head` and the pieces, one after the other; each is asked for when those before it are written. The head goes
 * together with the first piece.
 */
export async function writeStream(
  descriptor: number,
  head: Uint8Array,
  pieces: Iterable<Uint8Array>,
  write = writeOnThread,
): Promise<void> {
  let waiting: readonly Uint8Array[] = [head];
  for (const piece of pieces) {
    await writeAll(descriptor, [...waiting, piece], write);
    waiting = [];
  }
  await writeAll(descriptor, waiting, write);
}
