/**
 * Proofs of who calls. Node cannot ask the kernel who is at the other end of a Unix socket, so the server names a nonce,
 * and the caller makes a file of that name in a sticky directory that nobody can list: the file's owner is the caller.
 * The proof ends there; no name or number that the caller writes is believed.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { errorText, printable } from '../system/index.ts';

const nonceBytes = 16;

/** Anybody may make a file there, nobody may see or remove another's. */
const proofMode = 0o1733;

/** The permission bits that a proof may have: its owner may read it. */
const privateMode = 0o400;

export interface Proofs {
  /** The name of a file to be made. */
  nonce(): string;
  /** The uid of who has made it; the file is taken away, and serves once. Throws when there is no proof. */
  take(nonce: string): number;
}

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
function clean(directory: string, log: (line: string) => void): void {
  for (const name of readdirSync(directory, 'buffer')) {
    const path = Buffer.concat([Buffer.from(`${directory}/`), name]);
    try {
      rmSync(path, { force: true, recursive: true });
    } catch (error) {
      // Anybody may put a directory there into which only its owner can look. That must not keep the hub from starting.
      log(`what somebody left in ${directory} stays there: ${printable(errorText(error))}`);
    }
  }
}

/** Proofs in queue/proof. The caller of this holds the queue's lock. */
export function openProofs(queueDirectory: string, log: (line: string) => void): Proofs {
  const directory = `${queueDirectory}/proof`;
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, proofMode);
  clean(directory, log);
  return {
    nonce: () => randomBytes(nonceBytes).toString('hex'),
    take: (nonce) => takeProof(`${directory}/${nonce}`),
  };
}
