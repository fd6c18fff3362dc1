/**
 * One QMTP connection: bytes from its input to a session, the session's replies to its output, and the times that it may
 * take, which a clock of the caller's checks for all connections at once.
 */
import type { Readable, Writable } from 'node:stream';
import { releaseBuffer } from '../../system/node/index.ts';
import type { QmtpServerLimits } from './limits.ts';
import { createQmtpSession, type QmtpEnding, type QmtpSessionOptions } from './session.ts';

export interface QmtpConnectionOptions
  extends Pick<QmtpSessionOptions, 'recipient' | 'isBadSender' | 'isKnown' | 'begin' | 'onReply'> {
  readonly limits: QmtpServerLimits;
  readonly input: Readable;
  readonly output: Writable;
  /** Milliseconds of a clock that only goes forward. */
  monotonic(): number;
  /** Called when the last reply is out: our side of the connection may be closed. */
  hangUp(): void;
  /** Called once, when nothing more is read. */
  onClose(ending: QmtpConnectionEnding): void;
}

export type QmtpConnectionEnding = QmtpEnding | 'timeout';

export interface QmtpConnection {
  /** Reads nothing more; what is whole is answered. */
  stop(): void;
  /** Whether a request has begun that is not answered. */
  readonly busy: boolean;
  /** Looks at the clock. */
  tick(nowMs: number): void;
}

export function startQmtpConnection(options: QmtpConnectionOptions): QmtpConnection {
  const { limits, input, output, monotonic } = options;
  const startMs = monotonic();
  /** When something last happened that the client did. */
  let lastMs = startMs;
  let ending: QmtpConnectionEnding | undefined;
  let isTimedOut = false;
  let isClosed = false;
  let isLingering = false;
  let isBlocked = false;
  let isAtEnd = false;
  let droppedBytes = 0;

  function close(how: QmtpConnectionEnding): void {
    if (isClosed) return;
    isClosed = true;
    input.destroy();
    options.onClose(how);
  }

  const session = createQmtpSession({
    limits,
    recipient: options.recipient,
    ...(options.isBadSender && { isBadSender: options.isBadSender }),
    isKnown: options.isKnown,
    begin: options.begin,
    ...(options.onReply && { onReply: options.onReply }),
    send(bytes) {
      lastMs = monotonic();
      if (isClosed || output.write(bytes)) return undefined;
      isBlocked = true;
      return new Promise((resolve) => {
        const go = () => {
          isBlocked = false;
          lastMs = monotonic();
          for (const event of ['drain', 'close', 'error']) output.off(event, go);
          resolve();
        };
        for (const event of ['drain', 'close', 'error']) output.on(event, go);
      });
    },
    onEnd(how) {
      ending = isTimedOut ? 'timeout' : how;
      lastMs = monotonic();
      // When this is called back, the replies are out.
      output.write('', () => {
        if (isClosed) return;
        options.hangUp();
        if (how === 'closed') {
          close('closed');
          return;
        }
        // The client may still be sending. Closing now would reset the connection, and replies might be lost with it.
        isLingering = true;
        input.resume();
      });
    },
  });

  function drop(bytes: Uint8Array): void {
    droppedBytes += bytes.length;
    releaseBuffer(bytes);
    if (droppedBytes > limits.lingerBytesMax) close(ending ?? 'closed');
  }

  input.on('data', (bytes: Uint8Array) => {
    if (ending !== undefined) {
      drop(bytes);
      return;
    }
    lastMs = monotonic();
    const wait = session.feed(bytes);
    if (wait === undefined) {
      releaseBuffer(bytes);
      return;
    }
    input.pause();
    wait.then(() => {
      releaseBuffer(bytes);
      lastMs = monotonic();
      input.resume();
    });
  });
  input.on('end', () => {
    isAtEnd = true;
    if (ending === undefined) session.end();
    else if (isLingering) close(ending);
  });
  // What the client's machine says of an end helps nobody.
  const gone = () => {
    session.end();
    close(ending ?? 'closed');
  };
  input.on('error', gone);
  output.on('error', gone);
  input.on('close', () => {
    if (!isAtEnd) gone();
  });

  return {
    stop: session.stop,
    get busy() {
      return session.busy;
    },
    tick(nowMs) {
      const silentMs = nowMs - lastMs;
      if (isLingering) {
        if (silentMs >= limits.lingerMs) close(ending ?? 'closed');
        return;
      }
      const isLate = nowMs - startMs >= limits.totalMs;
      // A client that does not read its replies is to blame, one that waits for them is not.
      const isSilent = silentMs >= limits.idleMs && (isBlocked || !session.waiting);
      if (!isLate && !isSilent) return;
      if (isTimedOut || isBlocked) close('timeout');
      isTimedOut = true;
      session.stop();
    },
  };
}
