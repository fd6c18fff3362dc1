/** Reads a stream piece by piece, so that between two pieces somebody else may take it over. */
import type { Readable } from 'node:stream';

/** What comes next; undefined when nothing will, and `late` when that is not known in time. */
export function nextBytes(stream: Readable, ms: number): Promise<Uint8Array | undefined | 'late'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish('late'), ms);

    function finish(result: Uint8Array | undefined | 'late'): void {
      clearTimeout(timer);
      stream.off('readable', look).off('end', end).off('close', end).off('error', end);
      resolve(result);
    }
    function look(): void {
      const bytes: Buffer | null = stream.read();
      if (bytes !== null) finish(bytes);
      else if (stream.readableEnded || stream.destroyed) finish(undefined);
    }
    function end(): void {
      finish(undefined);
    }

    stream.on('end', end).on('close', end).on('error', end).on('readable', look);
    look();
  });
}
