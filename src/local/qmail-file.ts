/**
 * The .qmail files of a user (dot-qmail(5)): which of them holds the instructions for an extension, and its text. The
 * look-ups are synchronous: the kernel has these few entries at hand, and each trip to the thread pool would cost more
 * than all of them.
 */
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import {
  type Answer,
  type ByteString,
  concatBytes,
  errorCode,
  lowerAscii,
  SystemError,
  textOf,
} from '../system/index.ts';
import { nativePath } from '../system/node/index.ts';
import { forbiddenMode } from './home.ts';
import { deferral, reasonOf } from './report.ts';

/** A larger .qmail file is a mistake. */
export const qmailFileBytesMax = 1024 * 1024;

const readBytes = 16_384;

/** O_NONBLOCK: opening a FIFO that nobody writes to must not hold us. */
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK;

/** The owner's x bit: only forwards are allowed. */
const forwardOnlyMode = 0o100;

/** A call that fails with one of these says that there is no such file; any other failure may pass. */
const absentCodes = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ENXIO'];

const defaultWord = 'default';

/** Letters in an extension are small in a file's name, and a dot, which could lead elsewhere, is a colon. */
function safe(extension: ByteString): ByteString {
  return lowerAscii(extension).replaceAll('.', ':');
}

interface Candidate {
  readonly name: ByteString;
  /** Where in the extension the part begins for which "default" stands in the name. */
  readonly defaultFrom: number | undefined;
}

/**
 * The files that may hold the instructions for an extension, the first that exists counts: the exact one, then for each
 * shorter beginning that ends with "-", the longest first, and last for the empty one, its default.
 */
function* candidates(dash: ByteString, extension: ByteString): Generator<Candidate> {
  const name = safe(extension);
  const exact = name.endsWith(defaultWord) ? name.length - defaultWord.length : undefined;
  yield { name: `.qmail${dash}${name}`, defaultFrom: exact };
  for (let end = name.length; end >= 0; end -= 1) {
    if (end > 0 && name.charAt(end - 1) !== '-') continue;
    yield { name: `.qmail${dash}${name.slice(0, end)}${defaultWord}`, defaultFrom: end };
  }
}

/** The names of those files, in their order. */
export function qmailFileNames(dash: ByteString, extension: ByteString): readonly ByteString[] {
  return [...candidates(dash, extension)].map(({ name }) => name);
}

function cannotRead(name: ByteString, error: unknown): Answer {
  return deferral(`Unable to read ${name}: ${reasonOf(error)}. (#4.3.0)`);
}

/** The file's text as far as it goes; it may be growing. */
function readText(descriptor: number): ByteString {
  const parts: Uint8Array[] = [];
  for (let sizeBytes = 0; ; ) {
    const buffer = new Uint8Array(readBytes);
    const count = readSync(descriptor, buffer, 0, buffer.length, null);
    if (count === 0) return textOf(concatBytes(parts));
    sizeBytes += count;
    if (sizeBytes > qmailFileBytesMax) {
      throw new SystemError('EFBIG', `it is larger than ${qmailFileBytesMax} bytes`);
    }
    parts.push(buffer.subarray(0, count));
  }
}

export type QmailFile =
  | { readonly state: 'absent' }
  | {
      readonly state: 'found';
      readonly name: ByteString;
      readonly text: ByteString;
      readonly forwardOnly: boolean;
      /** The part of the extension for which "default" stands in the name. */
      readonly defaultPart: ByteString | undefined;
    }
  | { readonly state: 'refused'; readonly answer: Answer };

/** What is open must be looked at, not the name: that may mean another file by now. */
function readOpened(
  descriptor: number,
  { name, defaultFrom }: Candidate,
  extension: ByteString,
): QmailFile | undefined {
  const status = fstatSync(descriptor);
  // What is no regular file is not there, as in qmail.
  if (!status.isFile()) return undefined;
  if ((status.mode & forbiddenMode) !== 0) {
    return { state: 'refused', answer: deferral(`Uh-oh: ${name} is writable. (#4.7.0)`) };
  }
  return {
    state: 'found',
    name,
    text: readText(descriptor),
    forwardOnly: (status.mode & forwardOnlyMode) !== 0,
    defaultPart: defaultFrom === undefined ? undefined : extension.slice(defaultFrom),
  };
}

function read(home: ByteString, candidate: Candidate, extension: ByteString): QmailFile | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(nativePath(`${home}/${candidate.name}`), openFlags);
  } catch (error) {
    if (absentCodes.includes(errorCode(error))) return undefined;
    return { state: 'refused', answer: cannotRead(candidate.name, error) };
  }
  try {
    return readOpened(descriptor, candidate, extension);
  } catch (error) {
    return { state: 'refused', answer: cannotRead(candidate.name, error) };
  } finally {
    closeSync(descriptor);
  }
}

export function findQmailFile(home: ByteString, dash: ByteString, extension: ByteString): QmailFile {
  for (const candidate of candidates(dash, extension)) {
    const found = read(home, candidate, extension);
    if (found !== undefined) return found;
  }
  return { state: 'absent' };
}

export type Existence =
  | { readonly ok: true; readonly exists: boolean }
  | { readonly ok: false; readonly answer: Answer };

/** Whether there is anything of the name .qmail DASH EXTENSION SUFFIX: owners of lists are found by that. */
export function qmailFileExists(
  home: ByteString,
  dash: ByteString,
  extension: ByteString,
  suffix: ByteString,
): Existence {
  const name = `.qmail${dash}${safe(extension)}${suffix}`;
  try {
    const status = statSync(nativePath(`${home}/${name}`), { throwIfNoEntry: false });
    return { ok: true, exists: status !== undefined };
  } catch (error) {
    if (absentCodes.includes(errorCode(error))) return { ok: true, exists: false };
    return { ok: false, answer: cannotRead(name, error) };
  }
}
