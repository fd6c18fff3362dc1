/**
 * Moves the messages of a Maildir to an mbox. The mbox is never written in place: a copy with the new messages takes its
 * place when it is on stable storage, and when that is on stable storage too, the messages are removed from the Maildir.
 */
import { createMboxQuoter, formatMboxDate } from '../mail/index.ts';
import {
  type ByteString,
  bytesOf,
  type Descriptor,
  errorCode,
  errorText,
  last,
  type System,
  textOf,
} from '../system/index.ts';
import { cleanMaildir, type MaildirFile, scanMaildir } from './maildir-scan.ts';
import { readMessage } from './read-message.ts';

export interface MoveToMbox {
  readonly maildir: ByteString;
  readonly mbox: ByteString;
  /** The copy's name until it is complete: in the same file system as the mbox. */
  readonly temporary: ByteString;
  /** How long others may hold the lock of the mbox. */
  readonly lockMs: number;
}

const mboxMode = 0o600;

const lineFeed = 10;
const carriesSender = 'Return-Path: <';

/** Who is named where the message does not say who sent it. */
const senderUnknown = 'XXX';

/** The sender of bounces. */
const senderOfBounces = 'MAILER-DAEMON';

/** The sender in a From_ line, from a message's first line, which a delivery writes; blanks would end it there. */
function senderOf(start: Uint8Array): ByteString {
  const end = start.indexOf(lineFeed);
  const line = end < 0 ? '' : textOf(start, 0, end);
  if (!line.startsWith(carriesSender)) return senderUnknown;
  const sender = line.slice(carriesSender.length, line.endsWith('>') ? -1 : undefined);
  return sender === '' ? senderOfBounces : sender.replaceAll(' ', '-').replaceAll('\t', '-');
}

/** A message as it stands in an mbox. */
function* asInMbox(pieces: Iterable<Uint8Array>, modifiedMs: number): Generator<Uint8Array> {
  const quoter = createMboxQuoter();
  let begun = false;
  const begin = (start: Uint8Array) => bytesOf(`From ${senderOf(start)} ${formatMboxDate(modifiedMs)}\n`);
  for (const piece of pieces) {
    if (!begun) yield begin(piece);
    begun = true;
    yield quoter.feed(piece);
  }
  if (!begun) yield begin(new Uint8Array(0));
  yield quoter.end();
}

/** The mbox as it is. Where a crash has cut it off within a line, that line is ended. */
function* whole(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let lastByte: number | undefined;
  for (const piece of pieces) {
    lastByte = last(piece);
    yield piece;
  }
  if (lastByte !== undefined && lastByte !== lineFeed) yield bytesOf('\n\n');
}

/** Reads a file from its beginning; an error names it. */
function* contentOf(system: System, path: ByteString): Generator<Uint8Array> {
  const descriptor = system.files.open(path, 'read');
  try {
    yield* readMessage(system, descriptor);
  } catch (error) {
    throw new Error(`${path}: ${errorText(error)}`, { cause: error });
  } finally {
    system.files.close(descriptor);
  }
}

function identityOf(system: System, path: ByteString): string | undefined {
  try {
    return system.files.status(path).identity;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function removeIfThere(system: System, path: ByteString): void {
  try {
    system.files.unlink(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/** Writes mbox and messages to a new file, and puts it on stable storage. */
function writeCopy(system: System, move: MoveToMbox, messages: readonly MaildirFile[]): void {
  const { files } = system;
  const old = files.open(move.mbox, 'read');
  let copy: Descriptor | undefined;
  try {
    removeIfThere(system, move.temporary);
    copy = files.open(move.temporary, 'create', mboxMode);
    for (const piece of whole(readMessage(system, old))) files.write(copy, piece);
    for (const { path, modifiedMs } of messages) {
      for (const piece of asInMbox(contentOf(system, path), modifiedMs)) files.write(copy, piece);
    }
    files.sync(copy);
  } finally {
    files.close(old);
    if (copy !== undefined) files.close(copy);
  }
}

function syncDirectoryOf(system: System, path: ByteString): void {
  const directory = system.files.open(path.slice(0, path.lastIndexOf('/') + 1) || '.', 'read');
  try {
    system.files.sync(directory);
  } finally {
    system.files.close(directory);
  }
}

/** What there is of a copy takes room, and is of no use. */
function removeRest(system: System, path: ByteString): void {
  try {
    removeIfThere(system, path);
  } catch {
    // The next run replaces it; why this one failed is what is reported.
  }
}

/** What failed, said of the mbox or of its copy, whose names need not be in the error. */
function failure(what: string, error: unknown): Error {
  return new Error(`unable to ${what}: ${errorText(error)}`, { cause: error });
}

/**
 * Puts the new mbox in place. Returns a descriptor that holds its lock: the old one's keeps nobody from it any more, and
 * what was moved is not yet removed.
 */
function replaceMbox(system: System, move: MoveToMbox, messages: readonly MaildirFile[]): Descriptor {
  // The copy would be written over the only original.
  if (identityOf(system, move.mbox) === identityOf(system, move.temporary)) {
    throw new Error(`${move.mbox} and ${move.temporary} are the same file`);
  }
  let lock: Descriptor | undefined;
  try {
    writeCopy(system, move, messages);
    lock = system.files.openLocked(move.temporary, mboxMode, 0);
    if (lock === undefined) throw new Error('another program has locked it');
    system.files.rename(move.temporary, move.mbox);
  } catch (error) {
    if (lock !== undefined) system.files.close(lock);
    removeRest(system, move.temporary);
    throw failure(`write the copy of ${move.mbox} to ${move.temporary}`, error);
  }
  try {
    syncDirectoryOf(system, move.mbox);
  } catch (error) {
    system.files.close(lock);
    throw error;
  }
  return lock;
}

/** Removes what was moved. Returns what could not be removed. */
function removeMoved(system: System, messages: readonly MaildirFile[]): readonly string[] {
  const warnings: string[] = [];
  for (const { path } of messages) {
    try {
      system.files.unlink(path);
    } catch (error) {
      warnings.push(`${path} will be moved again: unable to remove it: ${errorText(error)}`);
    }
  }
  return warnings;
}

/** Returns warnings. Throws when the mbox is as it was, or is complete and nothing was removed from the Maildir. */
export function moveToMbox(system: System, move: MoveToMbox): readonly string[] {
  cleanMaildir(system, move.maildir);
  if (scanMaildir(system, move.maildir, ['new', 'cur']).length === 0) return [];
  let lock: Descriptor | undefined;
  try {
    lock = system.files.openLocked(move.mbox, mboxMode, move.lockMs);
  } catch (error) {
    throw failure(`lock ${move.mbox}`, error);
  }
  if (lock === undefined)
    throw new Error(`${move.mbox} has been locked for ${move.lockMs / 1000} seconds straight`);
  try {
    // Looked through again: another of our kind may have held the lock, and moved what was there.
    const messages = scanMaildir(system, move.maildir, ['new', 'cur']);
    if (messages.length === 0) return [];
    const lockOfNew = replaceMbox(system, move, messages);
    try {
      return removeMoved(system, messages);
    } finally {
      system.files.close(lockOfNew);
    }
  } finally {
    system.files.close(lock);
  }
}
