/** The contract's Stream over one of Node's sockets: reads and writes that are awaited, each with its timeout. */
import type { Socket } from 'node:net';
import type { Stream } from '../system.ts';
import { SystemError } from '../system-error.ts';
import { createInbox, type Inbox } from './inbox.ts';

/** What a connected socket is to those who use it, and what happens to it. */
export interface Session {
  readonly stream: Stream;
  /** The peer has closed its side, or the socket is closed. */
  end(): void;
  fail(error: Error): void;
  /** It was closed from here, without any trouble, and nothing was on its way. */
  readonly isSound: boolean;
}

/** Who waits for bytes. */
interface Reader {
  readonly fulfil: (bytes: Uint8Array | undefined) => void;
  readonly reject: (error: unknown) => void;
  timer: NodeJS.Timeout | undefined;
}

/** As a rule the system takes at once what is written. */
const written: Promise<void> = Promise.resolve();

/** `inbox`: where the bytes come that the socket brings. */
export function createSession(socket: Socket, peer: string, inbox: Inbox): Session {
  let ended = false;
  let isClosed = false;
  let isSound = false;
  let failure: Error | undefined;
  let writes = 0;
  let reader: Reader | undefined;

  function take(): Uint8Array | undefined {
    const wasFull = inbox.isFull;
    const chunk = inbox.take();
    if (wasFull && !inbox.isFull) socket.resume();
    return chunk;
  }

  /** Gives whoever reads what there is, if there is anything. */
  function serve(to: Reader): boolean {
    const chunk = isClosed ? undefined : take();
    if (chunk !== undefined || isClosed) to.fulfil(chunk);
    else if (failure !== undefined) to.reject(failure);
    else if (ended) to.fulfil(undefined);
    else return false;
    return true;
  }

  function notify(): void {
    if (reader === undefined || !serve(reader)) return;
    clearTimeout(reader.timer);
    reader = undefined;
  }
  inbox.onPut(notify);

  /** What the system does not take at once. */
  function untilWritten(bytes: Uint8Array, timeoutMs: number): Promise<void> {
    if (failure !== undefined) return Promise.reject(failure);
    if (isClosed || !socket.writable) {
      return Promise.reject(new SystemError('EPIPE', `${peer}: the connection is closed`));
    }
    let settle: ((error?: Error | null) => void) | undefined;
    writes += 1;
    socket.write(bytes, (error) => settle?.(error));
    if (socket.writableLength === 0 && socket.errored === null) return written;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new SystemError('ETIMEDOUT', `${peer}: nothing sent for ${timeoutMs} ms`)),
        timeoutMs,
      );
      settle = (error) => {
        clearTimeout(timer);
        if (error) reject(error);
        else resolve();
      };
    });
  }

  const stream: Stream = {
    read: (timeoutMs) =>
      new Promise((fulfil, reject) => {
        const next: Reader = { fulfil, reject, timer: undefined };
        if (serve(next)) return;
        next.timer = setTimeout(() => {
          reader = undefined;
          reject(new SystemError('ETIMEDOUT', `${peer}: nothing received for ${timeoutMs} ms`));
        }, timeoutMs);
        reader = next;
      }),
    write(bytes, timeoutMs) {
      if (writes === 0) return untilWritten(bytes, timeoutMs);
      // A peer may answer and close while we are still writing. The write that then fails destroys the socket with
      // whatever it holds unread, so the event loop gets its chance to read before each further write.
      return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        // The last piece of several must not wait for the peer to acknowledge the one before.
        if (!isClosed) socket.setNoDelay(true);
        return untilWritten(bytes, timeoutMs);
      });
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      isSound = !ended && failure === undefined && writes <= 1 && socket.writableLength === 0;
      socket.destroy();
      notify();
    },
  };

  return {
    stream,
    end() {
      ended = true;
      notify();
    },
    fail(error) {
      failure = error;
      notify();
    },
    get isSound() {
      return isSound;
    },
  };
}

/** Over a socket that is connected already. */
export function nodeStream(socket: Socket, peer: string): Stream {
  const inbox = createInbox();
  const { stream, end, fail } = createSession(socket, peer, inbox);
  socket.on('data', (chunk: Buffer) => {
    if (!inbox.put(chunk)) socket.pause();
  });
  socket.on('end', end);
  socket.on('error', fail);
  socket.on('close', end);
  return stream;
}
