/**
 * The queue's intake for programs of this host: QMQP on a Unix socket, with a proof of who calls (proofs.ts).
 *
 *     server: netstring(nonce)     caller: makes proof/nonce, sends the package     server: netstring(reply)
 */

import { chmodSync, rmSync } from 'node:fs';
import { formatNetstring, type Submission } from '../../qmqp/index.ts';
import type { QueueCaller } from '../mail/index.ts';
import { addressBytesMax, type Intake } from '../queue/index.ts';
import type { Proofs } from './proofs.ts';
import { createQmqpAcceptor } from './qmqp-acceptor.ts';
import { type QmqpServerLimits, qmqpServerLimits } from './qmqp-limits.ts';

export interface IntakeListenerOptions {
  /** The queue directory; the socket is made in it. The caller of this holds the queue's lock. */
  readonly directory: string;
  readonly proofs: Proofs;
  readonly intake: Intake;
  /** The uid that the Received field calls alias, if there is one. */
  readonly aliasUid?: number | undefined;
  /** The uid of the network's servers, if they have one. */
  readonly serverUid?: number | undefined;
  readonly limits?: QmqpServerLimits;
  readonly log: (line: string) => void;
}

export interface IntakeListener {
  close(graceMs?: number): Promise<void>;
}

/** Anybody may connect: who it was is known. */
const socketMode = 0o666;

/** All callers are of one peer, this host; addresses may be as long as qmail-queue lets them be. */
const intakeLimits: QmqpServerLimits = {
  ...qmqpServerLimits,
  addressBytesMax,
  connectionsPerPeerMax: qmqpServerLimits.connectionsMax,
};

/** Rejects when the socket cannot be made. */
export async function listenIntake(options: IntakeListenerOptions): Promise<IntakeListener> {
  const { directory, proofs, intake, aliasUid, serverUid, limits = intakeLimits, log } = options;
  const socketPath = `${directory}/intake`;
  // Whoever holds the queue's lock is alone: a socket that is here is a dead process's.
  rmSync(socketPath, { force: true });

  function callerOf(uid: number): QueueCaller {
    if (uid === aliasUid) return 'alias';
    return uid === serverUid ? 'network' : uid;
  }

  function begin(nonce: string): Submission {
    const incoming = intake.begin({ caller: callerOf(proofs.take(nonce)), host: '' });
    return {
      message: (bytes) => incoming.write(bytes),
      async complete(envelope) {
        const answer = await incoming.commit(envelope);
        if (answer.verdict !== 'K' || answer.text !== '') return answer;
        return { verdict: 'K', text: `ok qp ${incoming.id}` };
      },
      abandon: () => incoming.abort(),
    };
  }

  const { server, close } = createQmqpAcceptor({
    limits,
    log,
    peerOf: () => 'local',
    greet: (socket) => {
      const nonce = proofs.nonce();
      socket.write(formatNetstring(nonce), 'latin1');
      return () => begin(nonce);
    },
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, () => {
      chmodSync(socketPath, socketMode);
      resolve({ close });
    });
  });
}
