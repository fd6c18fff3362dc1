/**
 * The queue's intake for programs of this host: QMQP on a Unix socket, with a proof of who calls. Node cannot ask the
 * kernel who is at the other end, so the server names a nonce first, and the caller makes a file of that name in a
 * sticky directory that nobody can list: the file's owner is the caller. The proof ends there; no name or number that
 * the caller writes is believed.
 *
 *     server: netstring(nonce)     caller: makes proof/nonce, sends the package     server: netstring(reply)
 */

import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { formatNetstring, type Submission } from '../../qmqp/index.ts';
import { addressBytesMax, type Intake } from '../queue/index.ts';
import { createQmqpAcceptor } from './qmqp-acceptor.ts';
import { type QmqpServerLimits, qmqpServerLimits } from './qmqp-limits.ts';

export interface IntakeListenerOptions {
  /** The queue directory; the socket and the directory of proofs are made in it. */
  readonly directory: string;
  readonly intake: Intake;
  /** The uid that the Received field calls alias, if there is one. */
  readonly aliasUid?: number | undefined;
  readonly limits?: QmqpServerLimits;
  readonly log: (line: string) => void;
}

export interface IntakeListener {
  close(graceMs?: number): Promise<void>;
}

const nonceBytes = 16;

/** Anybody may make a file there, nobody may see or remove another's. */
const proofMode = 0o1733;

/** Anybody may connect: who it was is known. */
const socketMode = 0o666;

/** All callers are of one peer, this host; addresses may be as long as qmail-queue lets them be. */
const intakeLimits: QmqpServerLimits = {
  ...qmqpServerLimits,
  addressBytesMax,
  connectionsPerPeerMax: qmqpServerLimits.connectionsMax,
};

/** The owner of the proof, which is taken away at once: it serves one message. */
function takeProof(path: string): number {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw new Error('the caller has not proven who it is');
  unlinkSync(path);
  // A link to another user's file would prove that user's name.
  if (!status.isFile() || status.nlink !== 1) throw new Error('the proof of who calls is no file of its own');
  return status.uid;
}

function prepare(proofs: string, socketPath: string): void {
  mkdirSync(proofs, { recursive: true });
  chmodSync(proofs, proofMode);
  for (const name of readdirSync(proofs)) rmSync(`${proofs}/${name}`, { force: true, recursive: true });
  // Whoever holds the queue's lock is alone: a socket that is here is a dead process's.
  rmSync(socketPath, { force: true });
}

/** The caller of this holds the queue's lock. Rejects when the socket cannot be made. */
export function listenIntake(options: IntakeListenerOptions): Promise<IntakeListener> {
  const { directory, intake, aliasUid, limits = intakeLimits, log } = options;
  const proofs = `${directory}/proof`;
  const socketPath = `${directory}/intake`;

  function begin(nonce: string): Submission {
    const uid = takeProof(`${proofs}/${nonce}`);
    const incoming = intake.begin({ caller: uid === aliasUid ? 'alias' : uid, host: '' });
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
      const nonce = randomBytes(nonceBytes).toString('hex');
      socket.write(formatNetstring(nonce), 'latin1');
      return () => begin(nonce);
    },
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    prepare(proofs, socketPath);
    server.listen(socketPath, () => {
      chmodSync(socketPath, socketMode);
      resolve({ close });
    });
  });
}
