/**
 * Puts a directory's entries on stable storage, once for all who wait. A sync counts for an entry that was made before
 * it began; whoever comes while one runs shares the next with all others that came meanwhile.
 */
import { close, fsync, open } from 'node:fs';
import { promisify } from 'node:util';
import type { ByteString } from '../system/index.ts';
import { nativePath } from '../system/node/index.ts';

export type SyncDirectory = (path: ByteString) => Promise<void>;

interface Waiting {
  readonly running: Promise<void>;
  next: Promise<void> | undefined;
}

const openFile = promisify(open);
const syncFile = promisify(fsync);
const closeFile = promisify(close);

/** The directory is opened each time: it may have been replaced by another of the same name. */
async function syncOnce(path: ByteString): Promise<void> {
  const descriptor = await openFile(nativePath(path), 'r');
  try {
    await syncFile(descriptor);
  } finally {
    await closeFile(descriptor);
  }
}

/** `sync` is one sync of one directory. */
export function createDirectorySync(sync: SyncDirectory = syncOnce): SyncDirectory {
  const directories = new Map<ByteString, Waiting>();

  function start(path: ByteString): Promise<void> {
    const forget = () => {
      if (directories.get(path) === waiting) directories.delete(path);
    };
    const running = sync(path).finally(forget);
    const waiting: Waiting = { running, next: undefined };
    directories.set(path, waiting);
    return running;
  }

  return (path) => {
    const waiting = directories.get(path);
    if (waiting === undefined) return start(path);
    const again = () => start(path);
    // What became of the sync that runs says nothing of the next.
    waiting.next ??= waiting.running.then(again, again);
    return waiting.next;
  };
}

/** All of this process share one: deliveries to the same directory wait together. */
export const syncDirectory = createDirectorySync();
