/** Writing to a file on the thread pool: the event loop goes on while the disk works. */
import { writev } from 'node:fs';
import { promisify } from 'node:util';
import { SystemError } from '../system/index.ts';

const writeParts = promisify(writev);

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
export async function writeAll(descriptor: number, parts: readonly Uint8Array[]): Promise<void> {
  let rest = skip(parts, 0);
  while (rest.length > 0) {
    const { bytesWritten } = await writeParts(descriptor, rest);
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
): Promise<void> {
  let waiting: readonly Uint8Array[] = [head];
  for (const piece of pieces) {
    await writeAll(descriptor, [...waiting, piece]);
    waiting = [];
  }
  await writeAll(descriptor, waiting);
}
