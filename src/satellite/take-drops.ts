/**
 * Takes what users have left in the drop directory into the spool, with a Received field that names the uid of the file's
 * owner. Nothing in that directory is trusted: a message is a complete file of one name that was there when it was opened,
 * no larger than it may be, and a well-formed request.
 *
 * Before a message goes into the spool it gets another name here, which nobody knows: what cannot be renamed could not be
 * removed either, and would go into the spool again and again. One that cannot be taken is in the way of no other.
 *
 * A message that is in the spool and was not removed here, since the power failed in between, is taken again: the bytes
 * are the same both times, so a hub that remembers submissions takes it once.
 */
import { createPackageParser, formatPackage, type PackageEnvelope } from '../../qmqp/index.ts';
import { receivedByQueue } from '../mail/index.ts';
import { createSpill, type Spill } from '../submit/index.ts';
import {
  type ByteString,
  bytesOf,
  type Descriptor,
  errorCode,
  errorText,
  type FileStatus,
  printable,
  type System,
} from '../system/index.ts';
import { collectorLimits } from './collector.ts';
import { directoryIn } from './directory-in.ts';
import { dropCompleteMode, isDropName, newDropName } from './drop.ts';
import { keepPackage } from './keep.ts';
import { makeSpool, syncDirectory } from './spool-paths.ts';
import type { SpoolSettings } from './spool-settings.ts';

export interface TakeOptions {
  readonly drop: ByteString;
  readonly spool: SpoolSettings;
  /** Takes one line without its line end: what was removed, and what cannot be taken. */
  readonly log: (line: string) => void;
}

/** How old a file may be that is not complete: its writer is gone. */
const writingMsMax = 86_400_000;

/** What the Received field has in the place of a process number, which would differ when it is taken again. */
const noProcess = 0;

const readBytes = 65_536;

const lockMode = 0o600;

/** Files that are looked at in one go; the next one sees more. */
const namesMax = 100_000;

/** Bytes of a request that are no message: its envelope and its framing. */
const framingBytesMax = collectorLimits.envelopeBytesMax + 64;

/** The envelope of the request in the file, whose message goes behind what the spill has. Throws for what is none. */
function readRequest(system: System, descriptor: Descriptor, message: Spill): PackageEnvelope {
  const parser = createPackageParser(collectorLimits, {
    begin: () => undefined,
    message: (bytes) => message.write(bytes),
  });
  const buffer = new Uint8Array(readBytes);
  for (;;) {
    const count = system.files.read(descriptor, buffer);
    if (count === 0) throw new Error('it ends too early');
    const state = parser.feed(buffer.subarray(0, count));
    switch (state.state) {
      case 'more':
        break;
      case 'complete':
        return state.envelope;
      case 'unacceptable':
        throw new Error('an address is too long or contains a NUL byte');
      case 'failed':
        throw new Error(`it is no request: ${state.problem}`);
    }
  }
}

/** What is wrong with a file, or undefined for a message. */
function problemOf({ kind, links, mode, sizeBytes }: FileStatus): string | undefined {
  if (kind !== 'file') return 'it is no file';
  if (links !== 1) return 'it has another name elsewhere';
  if (mode !== dropCompleteMode) return 'it was never completed';
  if (sizeBytes > collectorLimits.messageBytesMax + framingBytesMax) return 'it is too large';
  return undefined;
}

/** A problem of what is in the file, other than of the spool or its disk. */
class BadDrop extends Error {}

/** One that cannot be read, moved or removed now: it waits, and the next one may fare better. */
class StuckDrop extends Error {}

function stuck(error: unknown): StuckDrop {
  return new StuckDrop(errorText(error), { cause: error });
}

function keepOne(system: System, options: TakeOptions, descriptor: Descriptor, status: FileStatus): void {
  const message = createSpill(system);
  try {
    const nowMs = Math.max(0, Math.min(status.modifiedMs, system.now()));
    message.write(bytesOf(receivedByQueue(noProcess, status.uid, nowMs)));
    let envelope: PackageEnvelope;
    try {
      envelope = readRequest(system, descriptor, message);
    } catch (error) {
      // What cannot be read, and the spill's own failures, have a code: they are no fault of what is in the file.
      throw errorCode(error) === '' ? new BadDrop(errorText(error)) : stuck(error);
    }
    keepPackage(system, options.spool, formatPackage(message, envelope));
  } finally {
    message.close();
  }
}

/** False when it is not there any more: its maker may have taken it back. */
function ifThere(change: () => void): boolean {
  try {
    change();
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw stuck(error);
  }
}

/** Whether one more message is in the spool. Throws a StuckDrop, or what keeps the spool from taking any. */
function takeOne(system: System, options: TakeOptions, name: ByteString): boolean {
  const { files } = system;
  let path = `${options.drop}/${name}`;
  const remove = (owner: number | undefined, reason: string): false => {
    ifThere(() => files.unlink(path));
    const whose = owner === undefined ? '' : ` of uid ${owner}`;
    options.log(`removed ${printable(path)}${whose}: ${printable(reason)}`);
    return false;
  };
  let descriptor: Descriptor;
  let status: FileStatus;
  try {
    status = files.entryStatus(path);
    if (!isDropName(name))
      return status.kind === 'directory' ? false : remove(status.uid, 'it is no message');
    if (status.kind !== 'file')
      return status.kind === 'directory' ? false : remove(status.uid, 'it is no file');
    // Not even its maker's own program may read a file yet that is being written.
    if (status.mode !== dropCompleteMode && system.now() - status.modifiedMs < writingMsMax) return false;
    [descriptor, status] = files.openEntry(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw stuck(error);
  }
  try {
    const problem = problemOf(status);
    if (problem !== undefined) return remove(status.uid, problem);
    const ours = `${options.drop}/${newDropName(system.random)}`;
    if (!ifThere(() => files.rename(path, ours))) return false;
    path = ours;
    keepOne(system, options, descriptor, status);
    ifThere(() => files.unlink(path));
    return true;
  } catch (error) {
    if (error instanceof BadDrop) return remove(status.uid, error.message);
    throw error;
  } finally {
    files.close(descriptor);
  }
}

/** Undefined when another process takes. The lock is in the spool: where users may write, they could put theirs. */
function openLock(system: System, spool: ByteString): Descriptor | undefined {
  const path = `${spool}/drop.lock`;
  try {
    return system.files.openLocked(path, lockMode, 0);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    makeSpool(system, spool);
    return system.files.openLocked(path, lockMode, 0);
  }
}

/** Takes one after the other; throws, behind the last one, for those that had to stay. */
function takeAll(system: System, options: TakeOptions, names: readonly ByteString[]): number {
  let taken = 0;
  let left = 0;
  let first: unknown;
  for (const name of names) {
    try {
      if (takeOne(system, options, name)) taken += 1;
    } catch (error) {
      if (!(error instanceof StuckDrop)) throw error;
      left += 1;
      first ??= error;
    }
  }
  if (taken > 0) syncDirectory(system, options.drop);
  if (first === undefined) return taken;
  throw new Error(`${left} of the files in ${options.drop} cannot be taken: ${errorText(first)}`, {
    cause: first,
  });
}

/**
 * Answers how many messages it took. Of several that run at the same time one takes, and the others go on without. Throws
 * when the drop directory cannot be read, the spool takes no more, or a file could not be taken: what is left waits where
 * it is.
 */
export function takeDrops(system: System, options: TakeOptions): number {
  const names: ByteString[] = [];
  system.files.visit(options.drop, (name) => {
    if (names.length < namesMax) names.push(name);
  });
  if (names.length === 0) return 0;
  const lock = openLock(system, options.spool.directory);
  if (lock === undefined) return 0;
  try {
    return takeAll(system, options, names);
  } finally {
    system.files.close(lock);
  }
}

export interface DropsTaken {
  /** What was removed since it is no message, and what keeps the rest from being taken. */
  readonly problems: readonly string[];
  /** Whether something is left that should have been taken. */
  readonly left: boolean;
}

/** Takes what is in the directory of control/drop, if there is one. Never throws: what is in the spool is to be sent anyway. */
export function takeDropped(system: System, spool: SpoolSettings): DropsTaken {
  const problems: string[] = [];
  try {
    const drop = directoryIn(system, 'drop');
    if (drop !== undefined) takeDrops(system, { drop, spool, log: (line) => problems.push(line) });
    return { problems, left: false };
  } catch (error) {
    problems.push(`unable to take what was left: ${errorText(error)}`);
    return { problems, left: true };
  }
}
