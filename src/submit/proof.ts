/**
 * Proofs of who calls over a Unix socket, where the kernel cannot be asked: the server names a nonce, and the caller makes
 * a file of that name in a sticky directory that nobody can list. The file's owner is the caller; no name or number that
 * the caller writes is believed.
 */
import type { FileStatus } from '../system/index.ts';

/** Anybody may make a file there, nobody may see or remove another's. */
export const proofDirectoryMode = 0o1733;

/** The permission bits that a proof may have: its owner may read it. */
export const proofMode = 0o400;

/** Random bytes of a nonce. */
export const nonceBytes = 16;

/**
 * The uid that a proof proves. Throws when it is none: another user's file may be linked there, or moved there from a
 * directory that both may write, and would prove that user's name. So a proof is nothing but one empty file that its
 * maker kept for itself.
 */
export function ownerOfProof(
  proof: Pick<FileStatus, 'kind' | 'links' | 'sizeBytes' | 'mode' | 'uid'>,
): number {
  const { kind, links, sizeBytes, mode, uid } = proof;
  if (kind !== 'file' || links !== 1 || sizeBytes !== 0 || (mode & 0o7777 & ~proofMode) !== 0) {
    throw new Error('the proof of who calls is no file of its own');
  }
  return uid;
}
