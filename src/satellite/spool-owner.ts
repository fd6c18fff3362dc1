/**
 * A spool may belong to another user than root, as whom its flush runs. What root makes in there, when root sends mail, is
 * given to that user, who could not even read it otherwise: through its descriptor, since whoever owns a directory can put
 * another file, or a link to one, in any place in it.
 */
import type { ByteString, Descriptor, System } from '../system/index.ts';

/** The uid of a directory's owner where this is root and that is somebody else. */
export function otherOwner(system: System, directory: ByteString): number | undefined {
  if (system.uid !== 0) return undefined;
  const { uid } = system.files.status(directory);
  return uid === 0 ? undefined : uid;
}

/** For a file that was made with this descriptor, never for one that was there before. */
export function giveToOwner(system: System, descriptor: Descriptor, directory: ByteString): void {
  const uid = otherOwner(system, directory);
  if (uid !== undefined) system.files.setOwner(descriptor, uid);
}
