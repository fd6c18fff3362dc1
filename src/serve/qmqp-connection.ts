/**
 * One connection of the QMQP listener: bytes from its socket to a session, the session's reply back, and the times
 * that it may take, which the listener's clock checks for all connections at once.
 */
import type { Socket } from 'node:net';
import { createServerSession, type Submission } from '../../qmqp/index.ts';
import type { Answer } from '../system/index.ts';
import { releaseBuffer } from '../system/node/index.ts';
import type { QmqpServerLimits } from './qmqp-limits.ts';

export interface ConnectionOptions {
  readonly limits: QmqpServerLimits;
  begin(): Submission;
  /** Milliseconds of a clock that only goes forward. */
  monotonic(): number;
  /** The reply was given: for the log. */
  onReply(answer: Answer): void;
  onClose(): void;
}

export interface Connection {
  /** Gives up on what is incomplete, with Z or D. */
  refuse(answer: Answer): void;
  /** Whether the peer has sent anything yet. */
  readonly begun: boolean;
  /** Looks at the clock. */
  tick(nowMs: number): void;
}

const idleTimeout: Answer = { verdict: 'Z', text: 'nothing received for too long (#4.4.2)' };
const totalTimeout: Answer = { verdict: 'Z', text: 'the session takes too long (#4.4.2)' };

/** A handshake in TLS (RFC 8446 5.1) begins with it, and no request does. Its sender reads nothing, but the log does. */
const tlsByte = 0x16;
const noTls: Answer = { verdict: 'Z', text: 'this port is for QMQP without TLS (#4.7.0)' };

export function startConnection(socket: Socket, options: ConnectionOptions): Connection {
  const { limits, monotonic } = options;
  const startMs = monotonic();
  /** When something last happened that the peer did. */
  let lastMs = startMs;
  let begun = false;
  /** The disk is behind: the peer is not to blame for the silence. */
  let waiting = false;
  /** The reply is out, and the peer has a moment to take it. */
  let closing = false;
  let droppedBytes = 0;

  const session = createServerSession({
    limits,
    begin: options.begin,
    reply(bytes, cause, answer) {
      options.onReply(answer);
      closing = true;
      lastMs = monotonic();
      if (cause === 'complete') {
        // Everything was read: closing cannot take the reply back. Closing within the callback itself would make
        // Node build an error for writes that do not exist.
        socket.write(bytes, () => queueMicrotask(closeNow));
      } else {
        // The peer may still be sending. Closing now would reset the connection and the reply might be lost with it,
        // so only our half is closed, and what arrives is dropped until the peer has understood.
        socket.end(bytes);
        socket.resume();
      }
    },
  });

  function closeNow(): void {
    socket.destroy();
  }

  function drop(bytes: Uint8Array): void {
    droppedBytes += bytes.length;
    releaseBuffer(bytes);
    if (droppedBytes > limits.lingerBytesMax) socket.pause();
  }

  socket.on('data', (bytes: Uint8Array) => {
    if (!begun && bytes[0] === tlsByte) session.refuse(noTls);
    begun = true;
    if (session.finished) {
      drop(bytes);
      return;
    }
    lastMs = monotonic();
    const wait = session.feed(bytes);
    releaseBuffer(bytes);
    if (wait === undefined) return;
    waiting = true;
    socket.pause();
    wait.then(() => {
      waiting = false;
      lastMs = monotonic();
      socket.resume();
    });
  });
  socket.on('end', () => {
    // Between the last byte of a request and its reply, the peer may close its half.
    if (session.finished && !closing) return;
    session.end();
    socket.destroy();
  });
  // 'close' follows; what the peer's machine says about it helps nobody.
  socket.on('error', closeNow);
  socket.on('close', () => {
    session.end();
    options.onClose();
  });

  return {
    refuse: session.refuse,
    get begun() {
      return begun;
    },
    tick(nowMs) {
      if (closing) {
        if (nowMs - lastMs >= limits.lingerMs) socket.destroy();
      } else if (nowMs - startMs >= limits.totalMs) {
        if (session.finished) socket.destroy();
        else session.refuse(totalTimeout);
      } else if (!session.finished && !waiting && nowMs - lastMs >= limits.idleMs) {
        session.refuse(idleTimeout);
      }
    },
  };
}
