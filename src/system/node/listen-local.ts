/** Unix sockets that listen, on Node: connections wait here until somebody asks for them. */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { LocalListener, LocalPlace, Stream } from '../system.ts';
import { nativeText } from './paths.ts';
import { nodeStream } from './stream.ts';

/** Connections that wait for `accept`; more are closed without a word. */
const waitingMax = 128;

/** Rejects when the socket cannot be made. */
export function listenLocal(place: LocalPlace): Promise<LocalListener> {
  const waiting: Stream[] = [];
  let wake: (() => void) | undefined;
  const server = createServer({ allowHalfOpen: true }, (socket: Socket) => {
    if (waiting.length >= waitingMax) {
      socket.destroy();
      return;
    }
    waiting.push(nodeStream(socket, 'a caller'));
    wake?.();
  });

  const listener: LocalListener = {
    async accept(timeoutMs) {
      if (waiting.length === 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = undefined;
      }
      return waiting.shift();
    },
    close() {
      server.close();
      for (const stream of waiting.splice(0)) stream.close();
    },
  };

  return new Promise((resolve, reject) => {
    server.once('error', reject);
    if ('descriptor' in place) {
      server.listen({ fd: place.descriptor }, () => resolve(listener));
      return;
    }
    const path = nativeText(place.path);
    rmSync(path, { force: true });
    server.listen(path, () => {
      chmodSync(path, place.mode);
      resolve(listener);
    });
  });
}
