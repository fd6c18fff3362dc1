/**
 * QMQP the classic way: tcpserver, inetd or a systemd socket has accepted the connection, and it is descriptors 0
 * and 1 of this process.
 */
import type { Readable } from 'node:stream';
import { createServerSession, type ReplyCause } from '../../qmqp/index.ts';
import type { Intake } from '../queue/index.ts';
import type { System } from '../system/index.ts';
import { releaseBuffer } from '../system/node/index.ts';
import { networkSubmission } from './network-submission.ts';
import type { Peer } from './peer.ts';
import { type QmqpServerLimits, qmqpServerLimits } from './qmqp-limits.ts';

export interface QmqpDescriptorsOptions {
  /** Descriptor 1 is written through it. */
  readonly system: System;
  /** Descriptor 0. */
  readonly input: Readable;
  readonly peer: Peer;
  readonly intake: Intake;
  readonly limits?: QmqpServerLimits;
}

/** `closed`: the peer went away before its request was complete, or before it took the reply. */
export type QmqpEnding = ReplyCause | 'timeout' | 'closed';

const replyDescriptor = 1;

export function serveQmqpDescriptors(options: QmqpDescriptorsOptions): Promise<QmqpEnding> {
  const { system, input, peer, intake, limits = qmqpServerLimits } = options;
  return new Promise((resolve) => {
    let ending: QmqpEnding = 'closed';
    let droppedBytes = 0;
    /** The disk is behind: the peer is not to blame for the silence. */
    let waiting = false;
    const idle = setTimeout(() => (waiting ? idle.refresh() : expire()), limits.idleMs);
    const total = setTimeout(() => (session.finished ? finish('timeout') : expire()), limits.totalMs);
    let linger: NodeJS.Timeout | undefined;

    function finish(how: QmqpEnding): void {
      clearTimeout(idle);
      clearTimeout(total);
      clearTimeout(linger);
      input.destroy();
      resolve(how);
    }

    function expire(): void {
      ending = 'timeout';
      session.refuse({ verdict: 'Z', text: 'the request takes too long (#4.4.2)' });
    }

    const session = createServerSession({
      limits,
      begin: () => networkSubmission(intake, peer, 'QMQP', system.now),
      reply(bytes, cause) {
        clearTimeout(idle);
        if (ending !== 'timeout') ending = cause;
        try {
          // A reply is shorter than any socket's or pipe's buffer.
          system.files.write(replyDescriptor, bytes);
        } catch {
          finish('closed');
          return;
        }
        if (cause === 'complete') {
          finish(ending);
          return;
        }
        // The peer may still be sending: ending now would reset the connection, and the reply would be lost with it.
        linger = setTimeout(() => finish(ending), limits.lingerMs);
        input.resume();
      },
    });

    function drop(bytes: Uint8Array): void {
      droppedBytes += bytes.length;
      releaseBuffer(bytes);
      if (droppedBytes > limits.lingerBytesMax) finish(ending);
    }

    function end(): void {
      // Between the last byte of a request and its reply, the peer may close its half.
      if (session.finished && linger === undefined) return;
      session.end();
      finish(ending);
    }

    input.on('data', (bytes: Uint8Array) => {
      if (session.finished) {
        if (linger !== undefined) drop(bytes);
        return;
      }
      idle.refresh();
      const wait = session.feed(bytes);
      releaseBuffer(bytes);
      if (wait === undefined) return;
      waiting = true;
      input.pause();
      wait.then(() => {
        waiting = false;
        if (!session.finished) idle.refresh();
        input.resume();
      });
    });
    input.on('end', end);
    // A peer that is gone is no error of ours.
    input.on('error', end);
  });
}
