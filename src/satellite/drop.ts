/**
 * The drop directory: users who may neither read the key nor write the spool leave their messages in a sticky directory that
 * nobody but its owner can list, and the flush takes them from there (take-drops.ts). The owner of a file is the proof of who
 * left it. A file holds the bytes of the QMQP request and nothing else; its permission bits say whether it is complete.
 */
import type { Package } from '../../qmqp/index.ts';
import { type ByteString, errorText, type System, SystemError } from '../system/index.ts';
import { newId } from './entry-name.ts';

/** A file that is being written. */
export const dropWritingMode = 0o600;

/** A complete one. Anybody may read it who knows its name, which is random and cannot be listed. */
export const dropCompleteMode = 0o444;

/** The directory: anybody may make a file there, nobody but its owner may list it or touch another's. */
export const dropDirectoryMode = 0o1733;

const idDigits = 16;

/** 128 random bits: nobody guesses it. */
export function newDropName(random: (sizeBytes: number) => Uint8Array): ByteString {
  return `drop.${newId(random)}${newId(random)}`;
}

export function isDropName(name: ByteString): boolean {
  if (!name.startsWith('drop.') || name.length !== 'drop.'.length + 2 * idDigits) return false;
  for (const character of name.slice('drop.'.length))
    if (!'0123456789abcdef'.includes(character)) return false;
  return true;
}

/**
 * When it returns, the message is on stable storage. The directory itself cannot be opened for a sync by those who
 * write here; but a journal that has the file's last change, its permission bits, has its name as well.
 */
export function leavePackage(
  system: System,
  directory: ByteString,
  freeBytesMin: number,
  pack: Package,
): void {
  const { files } = system;
  const free = files.freeBytes(directory);
  if (free - pack.sizeBytes < freeBytesMin) {
    throw new SystemError('ENOSPC', `the disk of ${directory} is full: ${free} bytes are free`);
  }
  const path = `${directory}/${newDropName(system.random)}`;
  const descriptor = files.open(path, 'create', dropWritingMode);
  try {
    for (const piece of pack.pieces()) files.write(descriptor, piece);
    files.sync(descriptor);
    files.setMode(path, dropCompleteMode);
    files.sync(descriptor);
  } catch (error) {
    try {
      files.unlink(path);
    } catch (second) {
      throw new Error(`${errorText(error)}; ${errorText(second)}`, { cause: error });
    }
    throw error;
  } finally {
    files.close(descriptor);
  }
}
