/**
 * One look through the spool's names: how much waits, which messages come first, and who is at work on others. Only the
 * first ones are remembered, so that memory stays flat however many there are.
 *
 * The oldest come first; each time that a hub has put a message off, or has broken a session over it, counts as an hour
 * of youth, so that a message that hubs stumble over cannot hold up the others for ever.
 */
import { type ByteString, errorCode, type System } from '../system/index.ts';
import { type Entry, firstNameOf, parseSpoolName } from './entry-name.ts';
import { addToCount, type Count } from './tally.ts';

const putOffMs = 3_600_000;

/** Names that one look remembers. */
export const windowMax = 16_384;
const windowMaxSmall = 2048;

function windowFor({ isSmall = false }: System): number {
  return isSmall ? windowMaxSmall : windowMax;
}

export interface Waiting {
  readonly name: ByteString;
  readonly rank: number;
}

export interface Look {
  /** What waits, whoever is at work on it. */
  readonly count: Count;
  /** When the oldest message was kept. */
  readonly oldestMs: number | undefined;
  /** Messages that nobody has claimed, in the order in which they are to be sent. */
  readonly first: readonly Waiting[];
  /** Names that flushes have claimed, by flush; one without a name has its lock alone. */
  readonly claimed: ReadonlyMap<string, readonly ByteString[]>;
  /** What senders are writing, or have left behind. */
  readonly temporary: readonly { readonly name: ByteString; readonly beganMs: number }[];
}

const bySeniority = (one: Waiting, other: Waiting) =>
  one.rank - other.rank || (one.name < other.name ? -1 : one.name > other.name ? 1 : 0);

interface Window {
  /** Whether a message of this name may be among the first ones, as far as its time says. */
  hasRoom(name: ByteString): boolean;
  take(name: ByteString, entry: Entry): void;
  /** In their order. */
  first(): readonly Waiting[];
}

function createWindow(passOver: ReadonlySet<string>, max: number): Window {
  let found: Waiting[] = [];
  let end: ByteString | undefined;
  const sort = () => {
    found = found.sort(bySeniority).slice(0, max);
  };
  return {
    hasRoom: (name) => end === undefined || name < end,
    take(name, { id, claim, arrivedMs, tries }) {
      if (claim !== undefined || passOver.has(id)) return;
      found.push({ name, rank: arrivedMs + tries * putOffMs });
      if (found.length < 2 * max) return;
      sort();
      // Nobody ranks before the time at which it was kept.
      end = firstNameOf((found[max - 1]?.rank ?? 0) + 1);
    },
    first() {
      sort();
      return found;
    },
  };
}

function visitQueue(system: System, queue: ByteString, take: (name: ByteString) => void): void {
  try {
    system.files.visit(queue, take);
  } catch (error) {
    // Nothing was ever kept.
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

export function lookThrough(system: System, queue: ByteString, max = windowFor(system)): Look {
  const count: Count = { messages: 0, blocks: 0 };
  const window = createWindow(new Set(), max);
  const claimed = new Map<string, ByteString[]>();
  const temporary: { name: ByteString; beganMs: number }[] = [];
  let oldestMs: number | undefined;

  function claimsOf(flush: string): ByteString[] {
    const names = claimed.get(flush) ?? [];
    claimed.set(flush, names);
    return names;
  }

  function take(name: ByteString, entry: Entry): void {
    addToCount(count, entry.sizeBytes);
    oldestMs = Math.min(oldestMs ?? entry.arrivedMs, entry.arrivedMs);
    if (entry.claim !== undefined) claimsOf(entry.claim).push(name);
    else if (window.hasRoom(name)) window.take(name, entry);
  }

  visitQueue(system, queue, (name) => {
    const found = parseSpoolName(name);
    if (found.kind === 'entry') take(name, found.entry);
    else if (found.kind === 'lock') claimsOf(found.flush);
    else if (found.kind === 'temporary') temporary.push({ name, beganMs: found.beganMs });
  });
  return { count, oldestMs, first: window.first(), claimed, temporary };
}

/**
 * Only the messages that come first now, without those whose ids are in `passOver`: a flush asks again and again, and
 * most names need no more than a comparison.
 */
export function lookForFirst(
  system: System,
  queue: ByteString,
  passOver: ReadonlySet<string>,
  max = windowFor(system),
): readonly Waiting[] {
  const window = createWindow(passOver, max);
  visitQueue(system, queue, (name) => {
    if (!window.hasRoom(name)) return;
    const found = parseSpoolName(name);
    if (found.kind === 'entry') window.take(name, found.entry);
  });
  return window.first();
}
