/**
 * One owner per queue directory. The lock is an abstract Unix socket named after the directory's inode: the kernel
 * gives it to one process and takes it back when that process ends, however it ends.
 */
import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import { errorCode } from '../system/index.ts';

/** Resolves with the function that gives the lock back. */
export function lockStore(directory: string): Promise<() => void> {
  const { dev, ino } = statSync(directory);
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const taken = errorCode(error) === 'EADDRINUSE';
      reject(
        taken ? new Error(`${directory} is in use: qmail-send is already running`, { cause: error }) : error,
      );
    });
    server.listen(`\0mini-qmail/queue/${dev}/${ino}`, () => {
      server.unref();
      resolve(() => server.close());
    });
  });
}
