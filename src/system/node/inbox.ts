/**
 * What a socket has brought and nobody has read yet. Sockets that are opened share one buffer into which the system
 * reads: a buffer of 64 KiB for each read of a short answer, which is what Node makes by itself, costs more than the
 * rest of a session.
 */
import type { OnReadOpts } from 'node:net';

/** Bytes that may wait unread before no more are read. */
const unreadBytesMax = 65_536;

export interface Inbox {
  /** Answers whether more may come. */
  put(bytes: Uint8Array): boolean;
  /** What came first of it. */
  take(): Uint8Array | undefined;
  readonly isFull: boolean;
  /** Called after each `put`. */
  onPut(listener: () => void): void;
}

export function createInbox(): Inbox {
  const unread: Uint8Array[] = [];
  let unreadBytes = 0;
  let notify = () => {};
  return {
    put(bytes) {
      unread.push(bytes);
      unreadBytes += bytes.length;
      notify();
      return unreadBytes < unreadBytesMax;
    },
    take() {
      const bytes = unread.shift();
      unreadBytes -= bytes?.length ?? 0;
      return bytes;
    },
    get isFull() {
      return unreadBytes >= unreadBytesMax;
    },
    onPut(listener) {
      notify = listener;
    },
  };
}

const readBytes = 65_536;

let shared: Uint8Array | undefined;

/** Has what a socket brings copied into its inbox before the next one is read. */
export function readInto(inbox: Inbox): OnReadOpts {
  shared ??= new Uint8Array(readBytes);
  return { buffer: shared, callback: (count, bytes) => inbox.put(bytes.slice(0, count)) };
}
