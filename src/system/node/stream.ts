/** The contract's Stream over one of Node's sockets: reads and writes that are awaited, each with its timeout. */
import type { Socket } from 'node:net';
import type { Stream } from '../system.ts';
import { SystemError } from '../system-error.ts';
import { createInbox, type Inbox } from './inbox.ts';

/** What an accepted socket brings, which Node hands over in buffers that it makes. */
function inboxOf(socket: Socket): Inbox {
  const inbox = createInbox();
  socket.on('data', (chunk: Buffer) => {
    if (!inbox.put(chunk)) socket.pause();
  });
  return inbox;
}

/** `inbox`: where the bytes come that the socket brings. */
export function nodeStream(socket: Socket, peer: string, inbox = inboxOf(socket)): Stream {
  let ended = false;
  let failure: Error | undefined;
  let written = false;
  let wake: (() => void) | undefined;

  const notify = () => {
    wake?.();
    wake = undefined;
  };
  inbox.onPut(notify);
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
        const chunk = inbox.take();
        if (chunk !== undefined) {
          if (!inbox.isFull) socket.resume();
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
      if (written) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        // The last piece of several must not wait for the peer to acknowledge the one before.
        socket.setNoDelay(true);
      }
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
