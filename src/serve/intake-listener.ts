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
import { errorText, printable } from '../system/index.ts';
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

/** The permission bits that a proof may have: its owner may read it. */
const privateMode = 0o400;

/** The owner of the proof, which is taken away at once: it serves one message. */
function takeProof(path: string): number {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw new Error('the caller has not proven who it is');
  // Another user's file may be linked here, or moved here from a directory that both may write: it would prove that
  // user's name. So a proof is nothing but one empty file that its maker kept for itself.
  const single = status.isFile() && status.nlink === 1;
  const empty = status.size === 0 && (status.mode & 0o7777 & ~privateMode) === 0;
  if (!status.isDirectory()) unlinkSync(path);
  if (!single || !empty) throw new Error('the proof of who calls is no file of its own');
  return status.uid;
}

/** Removes what callers left in the directory of proofs. */
function clean(proofs: string, log: (line: string) => void): void {
  for (const name of readdirSync(proofs, 'buffer')) {
    const path = Buffer.concat([Buffer.from(`${proofs}/`), name]);
    try {
      rmSync(path, { force: true, recursive: true });
    } catch (error) {
      // Anybody may put a directory there into which only its owner can look. That must not keep the hub from starting.
      log(`what somebody left in ${proofs} stays there: ${printable(errorText(error))}`);
    }
  }
}

function prepare(proofs: string, socketPath: string, log: (line: string) => void): void {
  mkdirSync(proofs, { recursive: true });
  chmodSync(proofs, proofMode);
  clean(proofs, log);
  // Whoever holds the queue's lock is alone: a socket that is here is a dead process's.
  rmSync(socketPath, { force: true });
}

/** The caller of this holds the queue's lock. Rejects when the socket cannot be made. */
export async function listenIntake(options: IntakeListenerOptions): Promise<IntakeListener> {
  const { directory, intake, aliasUid, limits = intakeLimits, log } = options;
  const proofs = `${directory}/proof`;
  const socketPath = `${directory}/intake`;
  prepare(proofs, socketPath, log);

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
    server.listen(socketPath, () => {
      chmodSync(socketPath, socketMode);
      resolve({ close });
    });
  });
}
