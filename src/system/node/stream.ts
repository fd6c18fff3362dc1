/** The contract's Stream over one of Node's sockets: reads and writes that are awaited, each with its timeout. */
import type { Socket } from 'node:net';
import type { Stream } from '../system.ts';
import { SystemError } from '../system-error.ts';

/** Bytes that may wait unread before the socket is paused. */
const unreadBytesMax = 65536;

export function nodeStream(socket: Socket, peer: string): Stream {
  const unread: Uint8Array[] = [];
  let unreadBytes = 0;
  let ended = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  let written = false;

  const notify = () => {
    wake?.();
    wake = undefined;
  };
  socket.on('data', (chunk: Buffer) => {
    unread.push(chunk);
    unreadBytes += chunk.length;
    if (unreadBytes >= unreadBytesMax) socket.pause();
    notify();
  });
  socket.on('end', () => {
    ended = true;
    notify();
  });
  socket.on('error', (error) => {
    failure = error;
    notify();
  });
  socket.on('close', () => {
    ended = true;
    notify();
  });

  return {
    async read(timeoutMs) {
      for (;;) {
        const chunk = unread.shift();
        if (chunk !== undefined) {
          unreadBytes -= chunk.length;
          if (unreadBytes < unreadBytesMax) socket.resume();
          return chunk;
        }
        if (failure !== undefined) throw failure;
        if (ended) return undefined;
        await new Promise<void>((resolve, reject) => {
          const timer = setTimeout(() => {
            wake = undefined;
            reject(new SystemError('ETIMEDOUT', `${peer}: nothing received for ${timeoutMs} ms`));
          }, timeoutMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    async write(bytes, timeoutMs) {
      // A peer may answer and close while we are still writing. The write that then fails destroys the socket with
      // whatever it holds unread, so the event loop gets its chance to read before each further write.
      if (written) await new Promise<void>((resolve) => setImmediate(resolve));
      if (failure !== undefined) throw failure;
      written = true;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new SystemError('ETIMEDOUT', `${peer}: nothing sent for ${timeoutMs} ms`)),
          timeoutMs,
        );
        socket.write(bytes, (error) => {
          clearTimeout(timer);
          if (error) reject(error);
          else resolve();
        });
      });
    },
    close() {
      socket.destroy();
    },
  };
}
