/**
 * What is where in a spool:
 *
 *     queue/   messages that wait, as packages, and the locks of flushes (entry-name.ts)
 *     failed/  messages that nobody takes and of which nobody can be told
 *     tally/   how much is in queue/ (tally.ts)
 *     hubs/    places that did not answer lately (hub-rest.ts)
 */
import { type ByteString, errorCode, type System } from '../system/index.ts';
import { otherOwner } from './spool-owner.ts';

export interface SpoolPaths {
  readonly queue: ByteString;
  readonly failed: ByteString;
  readonly tally: ByteString;
  readonly hubs: ByteString;
}

const directoryMode = 0o700;

export function spoolPaths(directory: ByteString): SpoolPaths {
  return {
    queue: `${directory}/queue`,
    failed: `${directory}/failed`,
    tally: `${directory}/tally`,
    hubs: `${directory}/hubs`,
  };
}

/** Puts a directory's entries on stable storage. */
export function syncDirectory(system: System, directory: ByteString): void {
  const descriptor = system.files.open(directory, 'read');
  try {
    system.files.sync(descriptor);
  } finally {
    system.files.close(descriptor);
  }
}

/** The same, while other things go on. */
export async function syncDirectoryAside(system: System, directory: ByteString): Promise<void> {
  const descriptor = system.files.open(directory, 'read');
  try {
    await system.files.syncAside(descriptor);
  } finally {
    system.files.close(descriptor);
  }
}

function make(system: System, directory: ByteString, owner?: number): void {
  try {
    system.files.makeDirectory(directory, directoryMode);
  } catch (error) {
    // Another process may make it at the same time.
    if (errorCode(error) !== 'EEXIST') throw error;
    return;
  }
  if (owner !== undefined) give(system, directory, owner);
}

/** The owner of what is around it may have put something else in its place: nothing but a directory of root's is given. */
function give(system: System, directory: ByteString, owner: number): void {
  const [descriptor, { kind, uid }] = system.files.openEntry(directory);
  try {
    if (kind === 'directory' && uid === 0) system.files.setOwner(descriptor, owner);
  } finally {
    system.files.close(descriptor);
  }
}

/** Makes the spool and what is in it. The directory that the spool lies in must be there. */
export function makeSpool(system: System, directory: ByteString): void {
  make(system, directory);
  const owner = otherOwner(system, directory);
  for (const path of Object.values(spoolPaths(directory))) make(system, path, owner);
  syncDirectory(system, directory);
  const slash = directory.lastIndexOf('/');
  syncDirectory(system, directory.slice(0, slash) || '/');
}
