/**
 * The calls that a delivery makes to write a file: on the thread pool, where the event loop has other work meanwhile, or
 * here and now, where it has none and each trip to another thread would cost more than most of the calls.
 */
import {
  closeSync,
  constants,
  fsync,
  fsyncSync,
  open,
  openSync,
  rename,
  renameSync,
  writevSync,
} from 'node:fs';
import { promisify } from 'node:util';
import type { ByteString } from '../system/index.ts';
import { nativePath } from '../system/node/index.ts';
import { syncDirectory } from './directory-sync.ts';
import { type Write, writeOnThread } from './write-all.ts';

/** Directories that are synced when what runs now has come to its end, each once for all who wait. */
const waiting = new Map<ByteString, PromiseWithResolvers<void>>();

function syncHere(path: ByteString): void {
  const descriptor = openSync(nativePath(path), 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function syncWaiting(): void {
  const together = [...waiting];
  waiting.clear();
  for (const [path, { resolve, reject }] of together) {
    try {
      syncHere(path);
      resolve();
    } catch (error) {
      reject(error);
    }
  }
}

/** Deliveries that were begun together come here together. */
function syncSoon(path: ByteString): Promise<void> {
  if (waiting.size === 0) process.nextTick(syncWaiting);
  const one = waiting.get(path) ?? Promise.withResolvers<void>();
  waiting.set(path, one);
  return one.promise;
}

/** What a call answers: at once, or later. */
type Now<Value> = Value | Promise<Value>;

export interface Disk {
  /** Makes a file that is not there yet, for writing. */
  create(path: ByteString): Now<number>;
  readonly write: Write;
  sync(descriptor: number): Now<void>;
  rename(from: ByteString, to: ByteString): Now<void>;
  /** Puts a directory's entries on stable storage. */
  syncDirectory(path: ByteString): Now<void>;
}

const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
const privateMode = 0o600;

const openFile = promisify(open);
const syncFile = promisify(fsync);
const renameFile = promisify(rename);

export const threadedDisk: Disk = {
  create: (path) => openFile(nativePath(path), createFlags, privateMode),
  write: writeOnThread,
  sync: (descriptor) => syncFile(descriptor),
  rename: (from, to) => renameFile(nativePath(from), nativePath(to)),
  syncDirectory,
};

export const immediateDisk: Disk = {
  create: (path) => openSync(nativePath(path), createFlags, privateMode),
  write: (descriptor, parts) => writevSync(descriptor, parts),
  sync: (descriptor) => fsyncSync(descriptor),
  rename: (from, to) => renameSync(nativePath(from), nativePath(to)),
  syncDirectory: syncSoon,
};
