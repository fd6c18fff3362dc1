/** A file that appears under its name when it is whole and on stable storage, or not at all. */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  unlinkSync,
} from 'node:fs';
import {
  type ByteString,
  bytesOf,
  type Descriptor,
  errorCode,
  type System,
  SystemError,
} from '../system/index.ts';
import { nativePath } from '../system/node/index.ts';

/** Lists and databases are for everybody to read. */
const mode = 0o644;

const bufferBytes = 65_536;

export interface WholeFile {
  readonly path: ByteString;
  /** Where it is written, in the same file system. What is there already is removed. */
  readonly temporary: ByteString;
}

function removeIfThere(path: ByteString): void {
  try {
    unlinkSync(nativePath(path));
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

function syncDirectoryOf(path: ByteString): void {
  const slash = path.lastIndexOf('/');
  const directory = openSync(nativePath(slash < 0 ? '.' : path.slice(0, slash) || '/'), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** Whether a name is that of an open file: another writer with the same temporary name may have taken it. */
function isNameOf(path: ByteString, descriptor: Descriptor): boolean {
  const { ino, dev } = fstatSync(descriptor);
  const named = lstatSync(nativePath(path), { throwIfNoEntry: false });
  return named?.ino === ino && named.dev === dev;
}

/** Writes all parts. When one cannot be had or written, what was there before stays, and the error is thrown. */
export function writeWhole(
  { files }: System,
  { path, temporary }: WholeFile,
  parts: Iterable<ByteString>,
): void {
  removeIfThere(temporary);
  // A name that somebody else made meanwhile, or a symbolic link, is not followed.
  const descriptor = openSync(
    nativePath(temporary),
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
    mode,
  );
  try {
    let buffered = '';
    for (const part of parts) {
      buffered += part;
      if (buffered.length < bufferBytes) continue;
      files.write(descriptor, bytesOf(buffered));
      buffered = '';
    }
    files.write(descriptor, bytesOf(buffered));
    fchmodSync(descriptor, mode);
    fsyncSync(descriptor);
    if (!isNameOf(temporary, descriptor)) {
      throw new SystemError('EBUSY', `${temporary} is being written by another program`);
    }
    renameSync(nativePath(temporary), nativePath(path));
  } catch (error) {
    if (isNameOf(temporary, descriptor)) removeIfThere(temporary);
    throw error;
  } finally {
    closeSync(descriptor);
  }
  syncDirectoryOf(path);
}
