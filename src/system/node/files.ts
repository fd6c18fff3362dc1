/** Files and descriptors on Node: synchronous calls, which start no thread and load no stream. */
import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  fsync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  opendirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statfsSync,
  statSync,
  unlink,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { ByteString } from '../bytes.ts';
import type { Descriptor, FileKind, FileStatus, Files, OpenMode } from '../system.ts';
import { errorCode, SystemError } from '../system-error.ts';
import { aside } from './aside.ts';
import { openLocked } from './open-locked.ts';
import { nativePath } from './paths.ts';

const openFlags: Readonly<Record<OpenMode, number>> = {
  read: constants.O_RDONLY,
  create: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
  replace: constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC,
  append: constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND,
};

/** How long one wait lasts when a descriptor that somebody else made non-blocking has nothing to give. */
const retryMs = 5;

/** Where a temporary file may live, after $TMPDIR. */
const temporaryDirectories = ['/tmp', '/var/tmp', '/dev/shm'];

const temporaryAttemptsMax = 100;

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Descriptors are inherited and may be non-blocking: EAGAIN then means wait, EINTR means again. */
function blocking<Result>(call: () => Result): Result {
  for (;;) {
    try {
      return call();
    } catch (error) {
      const code = errorCode(error);
      if (code === 'EAGAIN') Atomics.wait(pause, 0, 0, retryMs);
      else if (code !== 'EINTR') throw error;
    }
  }
}

function read(descriptor: Descriptor, into: Uint8Array, offsetBytes: number | null): number {
  return blocking(() => {
    try {
      return readSync(descriptor, into, 0, into.length, offsetBytes);
    } catch (error) {
      // Windows and some terminals report the end of the input as an error.
      if (errorCode(error) === 'EOF') return 0;
      throw error;
    }
  });
}

/** Names that are read ahead. */
const visitNames = 1024;

function visit(directory: ByteString, take: (name: ByteString) => void): void {
  const opened = opendirSync(nativePath(directory), { encoding: 'latin1', bufferSize: visitNames });
  try {
    for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) take(entry.name);
  } finally {
    opened.closeSync();
  }
}

function freeBytes(path: ByteString): number {
  const { bavail, bsize } = statfsSync(nativePath(path));
  return bavail * bsize;
}

function write(descriptor: Descriptor, bytes: Uint8Array, offsetBytes: number | null): void {
  let done = 0;
  while (done < bytes.length) {
    const position = offsetBytes === null ? null : offsetBytes + done;
    done += blocking(() => writeSync(descriptor, bytes, done, bytes.length - done, position));
  }
}

function openTemporary(): Descriptor {
  let reason: unknown;
  for (const directory of [process.env['TMPDIR'], ...temporaryDirectories]) {
    if (!directory) continue;
    for (let attempt = 0; attempt < temporaryAttemptsMax; attempt += 1) {
      const unique = Math.floor(Math.random() * 2 ** 48).toString(36);
      const path = `${directory}/mini-qmail-${process.pid}-${unique}`;
      try {
        const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
        unlinkSync(path);
        return descriptor;
      } catch (error) {
        reason = error;
        if (errorCode(error) !== 'EEXIST') break;
      }
    }
  }
  const tried = [process.env['TMPDIR'], ...temporaryDirectories].filter(Boolean).join(', ');
  throw new SystemError(errorCode(reason) || 'EIO', `no temporary file can be made in ${tried}`, reason);
}

function kindOf(status: { isFile(): boolean; isDirectory(): boolean }): FileKind {
  if (status.isFile()) return 'file';
  return status.isDirectory() ? 'directory' : 'other';
}

function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}

function statusOf(found: BigIntStats): FileStatus {
  const modifiedMs = milliseconds(found.mtimeNs);
  return {
    kind: kindOf(found),
    sizeBytes: Number(found.size),
    identity: `${found.dev}:${found.ino}`,
    mode: Number(found.mode) & 0o7777,
    uid: Number(found.uid),
    links: Number(found.nlink),
    modifiedMs,
    touchedMs: Math.max(modifiedMs, milliseconds(found.atimeNs), milliseconds(found.ctimeNs)),
  };
}

/** (gid_t)-1: chown(2). */
const sameGroup = 0xffff_ffff;

/** O_NONBLOCK means nothing for a regular file, and keeps from waiting at all others. */
const entryFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function openEntry(path: ByteString): readonly [Descriptor, FileStatus] {
  const descriptor = openSync(nativePath(path), entryFlags);
  try {
    return [descriptor, statusOf(fstatSync(descriptor, { bigint: true }))];
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

export const nodeFiles: Files = {
  open: (path, how, mode = 0o644) => openSync(nativePath(path), openFlags[how], mode),
  openLocked,
  openTemporary,
  close: (descriptor) => closeSync(descriptor),
  read: (descriptor, into) => read(descriptor, into, null),
  readAt: (descriptor, into, offsetBytes) => read(descriptor, into, offsetBytes),
  write: (descriptor, bytes) => write(descriptor, bytes, null),
  writeAt: (descriptor, bytes, offsetBytes) => write(descriptor, bytes, offsetBytes),
  sync: (descriptor) => fsyncSync(descriptor),
  syncAside: (descriptor) => aside((done) => fsync(descriptor, done)),
  rename: (from, to) => renameSync(nativePath(from), nativePath(to)),
  unlink: (path) => unlinkSync(nativePath(path)),
  unlinkAside: (path) => aside((done) => unlink(nativePath(path), done)),
  makeDirectory: (path, mode) => {
    mkdirSync(nativePath(path), mode);
  },
  list: (directory) => readdirSync(nativePath(directory), 'latin1'),
  visit,
  freeBytes,
  isTerminal: (descriptor) => process.getBuiltinModule('node:tty').isatty(descriptor),
  status: (path) => statusOf(statSync(nativePath(path), { bigint: true })),
  entryStatus: (path) => statusOf(lstatSync(nativePath(path), { bigint: true })),
  openEntry,
  setMode: (path, mode) => chmodSync(nativePath(path), mode),
  setOwner: (descriptor, uid) => fchownSync(descriptor, uid, sameGroup),
};
