/**
 * Writes a package into the spool. The spool's format is the wire's format: the file holds the bytes of the QMQP
 * request and nothing else. When `keepPackage` returns, the message is on stable storage: the bytes were synced before
 * the file got its name, and the directory after that.
 */
import type { Package } from '../../qmqp/index.ts';
import { errorCode, errorText, type System, SystemError } from '../system/index.ts';
import { type Entry, formatEntryName, newId, temporaryName } from './entry-name.ts';
import { giveToOwner } from './spool-owner.ts';
import { makeSpool, spoolPaths, syncDirectory } from './spool-paths.ts';
import type { SpoolSettings } from './spool-settings.ts';
import { addToTally, countAgain, readTally, type Usage } from './tally.ts';

const fileMode = 0o600;

function excess(usage: Usage, sizeBytes: number, settings: SpoolSettings): string | undefined {
  const { bytesMax, messagesMax, directory } = settings;
  if (usage.messages + 1 > messagesMax) {
    return `the spool ${directory} is full: it holds ${usage.messages} messages, and control/spoolmessages allows ${messagesMax}`;
  }
  if (usage.bytes + sizeBytes > bytesMax) {
    return `the spool ${directory} is full: it holds ${usage.bytes} bytes, and control/spoolbytes allows ${bytesMax}`;
  }
  return undefined;
}

/** Throws when the package does not fit. A tally that says so may be old: then it is counted again. */
function requireRoom(system: System, settings: SpoolSettings, sizeBytes: number): void {
  const { directory, freeBytes } = settings;
  const free = system.files.freeBytes(spoolPaths(directory).queue);
  if (free - sizeBytes < freeBytes) {
    throw new SystemError(
      'ENOSPC',
      `the disk of the spool ${directory} is full: ${free} bytes are free, and control/spoolfree leaves ${freeBytes}`,
    );
  }
  const tally = readTally(system, directory);
  if (tally !== undefined && excess(tally, sizeBytes, settings) === undefined) return;
  const problem = excess(countAgain(system, directory), sizeBytes, settings);
  if (problem !== undefined) throw new SystemError('EDQUOT', problem);
}

/**
 * Writes a package under a name in the queue, over the file of that name if there is one: at no time is there half a
 * package, or both, or none. It is on stable storage when this returns.
 */
export function writePackage(system: System, queue: string, pack: Package, name: string): void {
  const { files } = system;
  const temporary = `${queue}/${temporaryName(system.now(), newId(system.random))}`;
  const descriptor = files.open(temporary, 'create', fileMode);
  try {
    try {
      giveToOwner(system, descriptor, queue);
      for (const piece of pack.pieces()) files.write(descriptor, piece);
      files.sync(descriptor);
    } finally {
      files.close(descriptor);
    }
    files.rename(temporary, `${queue}/${name}`);
  } catch (error) {
    try {
      files.unlink(temporary);
    } catch {
      // The disk is worse than the first error said; a flush removes what is left of it.
    }
    throw error;
  }
  syncDirectory(system, queue);
}

function keep(system: System, settings: SpoolSettings, pack: Package, unknownAt: readonly string[]): Entry {
  requireRoom(system, settings, pack.sizeBytes);
  const nowMs = system.now();
  const entry: Entry = {
    arrivedMs: nowMs,
    id: newId(system.random),
    sizeBytes: pack.sizeBytes,
    tries: 0,
    unknownAt,
    unknownSinceMs: unknownAt.length > 0 ? nowMs : 0,
    claim: undefined,
  };
  writePackage(system, spoolPaths(settings.directory).queue, pack, formatEntryName(entry));
  try {
    addToTally(system, settings.directory, pack.sizeBytes);
  } catch {
    // The message is kept; the next count finds it.
  }
  return entry;
}

/**
 * `unknownAt` are the places (`ADDRESS:PORT`) that may have the package. Throws an error that names the spool when it
 * cannot be kept; nothing is left of it then.
 */
export function keepPackage(
  system: System,
  settings: SpoolSettings,
  pack: Package,
  unknownAt: readonly string[] = [],
): Entry {
  const { directory } = settings;
  try {
    try {
      return keep(system, settings, pack, unknownAt);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      makeSpool(system, directory);
      return keep(system, settings, pack, unknownAt);
    }
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EDQUOT' && error instanceof SystemError) throw error;
    const text = errorText(error);
    const names = text.includes(directory) ? text : `unable to write to the spool ${directory}: ${text}`;
    throw new SystemError(code, names, error);
  }
}
