/**
 * One look through the spool's names: how much waits, which messages come first, and who is at work on others. Only the
 * first ones are remembered, so that memory stays flat however many there are.
 *
 * The oldest come first; each time that a hub has put a message off, or has broken a session over it, counts as an hour
 * of youth, so that a message that hubs stumble over cannot hold up the others for ever.
 */
import { type ByteString, errorCode, type System } from '../system/index.ts';
import { type Entry, parseSpoolName } from './entry-name.ts';
import { addToCount, type Count } from './tally.ts';

const putOffMs = 3_600_000;

/** Names that one look remembers. */
export const windowMax = 8192;

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

/** `passOver`: ids of messages that are not to be named among the first ones. */
export function lookThrough(
  system: System,
  queue: ByteString,
  passOver: ReadonlySet<string> = new Set(),
  max = windowMax,
): Look {
  const count: Count = { messages: 0, blocks: 0 };
  let first: Waiting[] = [];
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
    else if (!passOver.has(entry.id)) first.push({ name, rank: entry.arrivedMs + entry.tries * putOffMs });
    if (first.length >= 2 * max) first = first.sort(bySeniority).slice(0, max);
  }

  try {
    system.files.visit(queue, (name) => {
      const found = parseSpoolName(name);
      if (found.kind === 'entry') take(name, found.entry);
      else if (found.kind === 'lock') claimsOf(found.flush);
      else if (found.kind === 'temporary') temporary.push({ name, beganMs: found.beganMs });
    });
  } catch (error) {
    // Nothing was ever kept.
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  return { count, oldestMs, first: first.sort(bySeniority).slice(0, max), claimed, temporary };
}
