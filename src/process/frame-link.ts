/**
 * What two processes of the hub say to one another over a socket:
 *
 *     frame = length type number payload     length: 4 bytes, of the payload; type: 1 byte; number: 4 bytes
 *
 * All numbers have their most significant byte first. What is said in one turn of the event loop goes out together, so
 * that a busy hub makes few system calls. A peer need not be trusted: a frame over the limit breaks the link.
 */
import type { Socket } from 'node:net';
import { errorText } from '../system/index.ts';

const headBytes = 9;

/** Bytes of a payload, unless the link says otherwise: a piece of a message, and what goes with it. */
export const payloadBytesMaxDefault = 300_000;

/** What waits for the end of the turn goes out before it when it is more: who sends without end is to hear of it. */
const waitingBytesMax = 65_536;

export interface Frame {
  readonly type: number;
  /** What the frame is about. */
  readonly number: number;
  /** Good until the call that brings it returns. */
  readonly payload: Buffer;
}

export interface FrameLinkOptions {
  readonly payloadBytesMax?: number;
  onFrame(frame: Frame): void;
  /**
   * Called once, when nothing more will come: without a reason when the peer has ended its side or `destroy` was
   * called. What came before its end is brought first, even after a pause. A socket that may be half open takes more
   * even then.
   */
  onEnd(reason?: string): void;
}

export interface FrameLink {
  /** `payload` must stay as it is until it has been sent. */
  send(type: number, number: number, payload?: Uint8Array): void;
  /** A promise while more waits to be sent than should; it resolves when that is over, or the link is. */
  congested(): Promise<void> | undefined;
  /** No frame is brought until `resume`. */
  pause(): void;
  resume(): void;
  /** Sends what waits, and says that nothing more will come; what is sent later is dropped. */
  end(): void;
  /** Drops everything. */
  destroy(): void;
}

const nothing = new Uint8Array(0);

export function openFrameLink(socket: Socket, options: FrameLinkOptions): FrameLink {
  const { payloadBytesMax = payloadBytesMaxDefault, onFrame, onEnd } = options;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let flushing: NodeJS.Immediate | undefined;
  let unread: Buffer | undefined;
  let paused = false;
  /** What the peer has done, which counts when all that came before has been brought. */
  let peer: 'there' | 'ended' | 'gone' = 'there';
  let heardAll = false;
  let saidAll = false;
  let over = false;
  let relief: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  function hearNoMore(reason?: string): void {
    if (heardAll) return;
    heardAll = true;
    onEnd(reason);
  }

  function finish(reason?: string): void {
    if (over) return;
    over = true;
    waiting = [];
    unread = undefined;
    relief?.resolve();
    socket.destroy();
    hearNoMore(reason);
  }

  /** Goes on when nobody pauses. */
  function peerIs(what: 'ended' | 'gone'): void {
    peer = what;
    if (what === 'gone') relief?.resolve();
    if (paused) return;
    if (what === 'gone') finish();
    else hearNoMore();
  }

  function flush(): void {
    clearImmediate(flushing);
    flushing = undefined;
    if (over || waiting.length === 0) return;
    const [first = nothing] = waiting;
    const bytes = waiting.length === 1 ? first : Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    socket.write(bytes);
  }

  /** Brings the frames that are whole, as far as nobody pauses, and keeps the rest. */
  function bring(bytes: Buffer): void {
    let offset = 0;
    while (!paused && !over && offset + headBytes <= bytes.length) {
      const length = bytes.readUInt32BE(offset);
      if (length > payloadBytesMax) {
        finish('a frame over the limit');
        return;
      }
      const start = offset + headBytes;
      if (start + length > bytes.length) break;
      const type = bytes.readUInt8(offset + 4);
      const number = bytes.readUInt32BE(offset + 5);
      offset = start + length;
      onFrame({ type, number, payload: bytes.subarray(start, offset) });
    }
    unread = offset < bytes.length ? bytes.subarray(offset) : undefined;
  }

  socket.on('data', (chunk: Buffer) => bring(unread === undefined ? chunk : Buffer.concat([unread, chunk])));
  socket.on('end', () => peerIs('ended'));
  socket.on('error', (error) => finish(errorText(error)));
  socket.on('close', () => peerIs('gone'));
  socket.on('drain', () => {
    relief?.resolve();
    relief = undefined;
  });

  return {
    send(type, number, payload = nothing) {
      if (over || saidAll || peer === 'gone') return;
      const head = Buffer.allocUnsafe(headBytes);
      head.writeUInt32BE(payload.length, 0);
      head.writeUInt8(type, 4);
      head.writeUInt32BE(number, 5);
      waiting.push(head);
      if (payload.length > 0) waiting.push(payload);
      waitingBytes += headBytes + payload.length;
      if (waitingBytes > waitingBytesMax) flush();
      else flushing ??= setImmediate(flush);
    },
    congested() {
      if (over || peer === 'gone' || !socket.writableNeedDrain) return undefined;
      relief ??= Promise.withResolvers<void>();
      return relief.promise;
    },
    pause() {
      paused = true;
      socket.pause();
    },
    resume() {
      if (!paused) return;
      paused = false;
      // Not at once: the caller may be in the middle of a frame.
      setImmediate(() => {
        if (paused || over) return;
        if (unread !== undefined) bring(unread);
        if (paused || over) return;
        if (peer === 'there') socket.resume();
        else peerIs(peer);
      });
    },
    end() {
      flush();
      saidAll = true;
      socket.end();
    },
    destroy: () => finish(),
  };
}
