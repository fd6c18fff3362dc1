/**
 * Proofs of who calls the queue (submit/proof.ts says what they are). Node cannot ask the kernel who is at the other end of
 * a Unix socket.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { nonceBytes, ownerOfProof, proofDirectoryMode } from '../submit/index.ts';
import { errorText, printable } from '../system/index.ts';

export interface Proofs {
  /** The name of a file to be made. */
  nonce(): string;
  /** The uid of who has made it; the file is taken away, and serves once. Throws when there is no proof. */
  take(nonce: string): number;
}

function takeProof(path: string): number {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw new Error('the caller has not proven who it is');
  if (!status.isDirectory()) unlinkSync(path);
  const { nlink, size, mode, uid } = status;
  return ownerOfProof({ kind: status.isFile() ? 'file' : 'other', links: nlink, sizeBytes: size, mode, uid });
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
  chmodSync(directory, proofDirectoryMode);
  clean(directory, log);
  return {
    nonce: () => randomBytes(nonceBytes).toString('hex'),
    take: (nonce) => takeProof(`${directory}/${nonce}`),
  };
}
