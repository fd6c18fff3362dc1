/**
 * Which flush is at work on which message. A flush holds a lock (flock) on a file of its own, queue/lock.FLUSH, which
 * goes with the process however that ends, and claims a message by renaming it to a name that ends with @FLUSH: of two
 * that try, one succeeds. What a flush has claimed that is not alive any more is anyone's: whoever gets the dead one's
 * lock gives it back.
 *
 * Before a message goes to a hub, its name says so. If the flush ends in the middle, by a kill or a loss of power, the
 * next one asks that hub first.
 */
import { type ByteString, type Descriptor, errorCode, type System, SystemError } from '../system/index.ts';
import { type Entry, formatEntryName, lockName, newId, parseSpoolName, unknownFrom } from './entry-name.ts';
import { giveToOwner } from './spool-owner.ts';
import { syncDirectory, syncDirectoryAside } from './spool-paths.ts';

const lockMode = 0o600;

/** How long a new lock may take: somebody may look whether its holder is alive. */
const lockMs = 2000;

/** Renames without a look at what else is to be done: a millisecond or two. */
const stretch = 32;

/**
 * No clock that was ever set shows a time before this one, 2026-11-01, when the program was young. A box without a battery
 * counts from 1970, or from when its system was made, until the network tells it the time.
 */
export const clockSetMs = 1_793_491_200_000;

/** What is remembered of a message between its claim and its turn: there may be hundreds. */
export interface Claimed {
  /** Its name before it was claimed. */
  readonly name: ByteString;
  readonly path: ByteString;
  /** What the name says now of places that may have it. */
  readonly places: readonly string[];
  readonly sinceMs: number;
}

export interface Claim {
  /** As it was before it was claimed. */
  readonly entry: Entry;
  /** The path of the file now. */
  path(): ByteString;
  /** The places that its name says may have it. */
  marked(): readonly string[];
  /** Says in the name which places may have the message, and puts that on stable storage. */
  mark(places: readonly string[]): void;
  /** Gives it back: put off once more or not, and perhaps at these places. If nobody knows when it came, it came now. */
  release(tries: number, unknownAt: readonly string[]): void;
  /** It is done with. The file may stay for a moment; the promise says when it is gone. */
  remove(): Promise<void>;
  /** It becomes another file: of the queue under a new name, or of another directory. */
  moveTo(path: ByteString): void;
}

export interface Claims {
  /**
   * Claims messages, as many as nobody else was quicker with; their names are on stable storage when it returns. What
   * else goes on is not held up for long.
   */
  claim(names: readonly ByteString[], places: readonly string[]): Promise<readonly Claimed[]>;
  /** Its turn has come. */
  open(claimed: Claimed): Claim;
  /** Removes the lock; nothing may be claimed any more. */
  close(): void;
}

/** Renames, and answers whether the file was there. */
function tryRename(system: System, from: ByteString, to: ByteString): boolean {
  try {
    system.files.rename(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

function tryUnlink(system: System, path: ByteString): void {
  try {
    system.files.unlink(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

function entryOf(name: ByteString): Entry | undefined {
  const found = parseSpoolName(name);
  return found.kind === 'entry' ? found.entry : undefined;
}

function nameOf(
  entry: Entry,
  places: readonly string[],
  sinceMs: number,
  changes: Pick<Entry, 'tries' | 'claim'>,
) {
  return formatEntryName({ ...entry, ...unknownFrom(entry, places, sinceMs), ...changes });
}

function openClaim(
  system: System,
  queue: ByteString,
  flush: string,
  entry: Entry,
  { sinceMs, ...claimed }: Claimed,
): Claim {
  const { tries } = entry;
  let path = claimed.path;
  let marked = claimed.places;
  return {
    entry,
    path: () => path,
    marked: () => marked,
    mark(next) {
      if (next.length === marked.length && next.every((place) => marked.includes(place))) return;
      const renamed = `${queue}/${nameOf(entry, next, sinceMs, { tries, claim: flush })}`;
      system.files.rename(path, renamed);
      path = renamed;
      marked = next;
      syncDirectory(system, queue);
    },
    release(triesNow, unknownAt) {
      const arrivedMs =
        entry.arrivedMs < clockSetMs ? Math.max(entry.arrivedMs, system.now()) : entry.arrivedMs;
      const released = nameOf({ ...entry, arrivedMs }, unknownAt, sinceMs, {
        tries: triesNow,
        claim: undefined,
      });
      tryRename(system, path, `${queue}/${released}`);
    },
    remove: () =>
      system.files.unlinkAside(path).catch((error: unknown) => {
        if (errorCode(error) !== 'ENOENT') throw error;
      }),
    moveTo(other) {
      system.files.rename(path, other);
      path = other;
    },
  };
}

export function openClaims(system: System, queue: ByteString): Claims {
  const flush = newId(system.random);
  const path = `${queue}/${lockName(flush)}`;
  const lock = system.files.openLocked(path, lockMode, lockMs);
  if (lock === undefined) throw new SystemError('EBUSY', `${path} is locked by another`);
  giveToOwner(system, lock, queue);

  function claimOne(name: ByteString, likely: readonly string[], sinceMs: number): Claimed | undefined {
    const entry = entryOf(name);
    if (entry === undefined) return undefined;
    // One that some place may have goes to no other while that has not answered.
    const places = entry.unknownAt.length > 0 ? entry.unknownAt : likely;
    const { tries } = entry;
    const path = `${queue}/${nameOf(entry, places, sinceMs, { tries, claim: flush })}`;
    return tryRename(system, `${queue}/${name}`, path) ? { name, path, places, sinceMs } : undefined;
  }

  return {
    async claim(names, places) {
      const sinceMs = system.now();
      const claimed: Claimed[] = [];
      for (const [index, name] of names.entries()) {
        if (index % stretch === stretch - 1) await system.pause(0);
        const one = claimOne(name, places, sinceMs);
        if (one !== undefined) claimed.push(one);
      }
      if (claimed.length > 0) await syncDirectoryAside(system, queue);
      return claimed;
    },
    open(claimed) {
      const entry = entryOf(claimed.name);
      if (entry === undefined) throw new Error(`nothing was claimed as ${claimed.name}`);
      return openClaim(system, queue, flush, entry, claimed);
    },
    close() {
      tryUnlink(system, path);
      system.files.close(lock);
    },
  };
}

/**
 * Gives back what a flush has claimed that is not alive; answers the names that wait again. A lock that cannot be had
 * belongs to one that is.
 */
export function reclaim(
  system: System,
  queue: ByteString,
  flush: string,
  names: readonly ByteString[],
): readonly ByteString[] {
  const path = `${queue}/${lockName(flush)}`;
  const lock: Descriptor | undefined = system.files.openLocked(path, lockMode, 0);
  if (lock === undefined) return [];
  try {
    const free = names.flatMap((name) => {
      const entry = entryOf(name);
      if (entry === undefined) return [];
      const released = formatEntryName({ ...entry, claim: undefined });
      return tryRename(system, `${queue}/${name}`, `${queue}/${released}`) ? [released] : [];
    });
    tryUnlink(system, path);
    return free;
  } finally {
    system.files.close(lock);
  }
}
