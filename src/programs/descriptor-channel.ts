/** A connection on descriptors 0 and 1, for a server that speaks with one client and ends. */
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { Pop3Channel } from '../serve/pop3/index.ts';

export interface DescriptorChannel extends Pop3Channel {
  /** Whether the client is gone, or was silent for too long. */
  isOver(): boolean;
  close(): void;
}

/** Descriptor 1, written to without waiting for whoever reads: process.stdout would wait for ever. A file does not. */
export function openOutput(): Writable {
  try {
    return new Socket({ fd: 1, readable: false, writable: true });
  } catch {
    return process.stdout;
  }
}

/** `idleMs`: how long a client may neither say anything nor take what is said to it. */
export function openChannel(idleMs: number): DescriptorChannel {
  const { stdin } = process;
  const stdout = openOutput();
  let over = false;
  let timer: NodeJS.Timeout | undefined;

  function fail(): void {
    over = true;
    stdin.destroy();
    stdout.destroy();
  }

  async function inTime<Result>(work: Promise<Result>): Promise<Result> {
    timer = setTimeout(fail, idleMs);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  }

  const pieces = stdin[Symbol.asyncIterator]();
  stdout.on('error', fail);

  return {
    async read() {
      try {
        const { value, done } = await inTime(pieces.next());
        return done === true ? undefined : (value as Uint8Array);
      } catch {
        over = true;
        return undefined;
      }
    },
    async write(bytes) {
      if (over) throw new Error('the client is gone');
      await inTime(
        new Promise<void>((resolve, reject) => {
          const gone = () => reject(new Error('the client is gone'));
          stdout.once('close', gone);
          stdout.write(bytes, (error) => {
            stdout.off('close', gone);
            if (error) gone();
            else resolve();
          });
        }),
      );
    },
    isOver: () => over,
    close() {
      clearTimeout(timer);
      stdin.destroy();
      stdout.end();
    },
  };
}
