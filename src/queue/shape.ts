/**
 * The shape of the queue: how old what waits is, by where it goes or where it comes from. One look through the queue;
 * what is kept is one row per name, up to a limit, since peers choose the names.
 */
import { splitAddress } from '../mail/index.ts';
import { type ByteString, lowerAscii } from '../system/index.ts';
import { createMatcher, type Filter, type Matcher } from './filter.ts';
import type { ListedMessage, Reader } from './reader.ts';
import { fittingMessages } from './steering.ts';

/** Ages in minutes: each column counts what is younger than its age and no younger than the one before; one more counts the rest. */
export const shapeMinutes: readonly number[] = [5, 10, 20, 40, 80, 160, 320, 640, 1280];

/** Names beyond which all others share one row. */
export const shapeNamesMax = 100_000;

/** What is counted: recipients by their domain, messages by the sender's domain, or messages by the host that submitted. */
export type ShapeKey = 'domain' | 'sender' | 'host';

export interface ShapeRow {
  /** In lower case; '' for an address without a domain, the empty sender or this machine. */
  readonly name: ByteString;
  readonly total: number;
  /** One number for each age, and one for what is older than all. */
  readonly counts: readonly number[];
}

export interface Shape {
  readonly total: ShapeRow;
  /** The largest first. */
  readonly rows: readonly ShapeRow[];
  /** What belongs to names that found no row of their own. */
  readonly others: ShapeRow | undefined;
}

export interface ShapeOptions {
  readonly queue: Pick<Reader, 'message' | 'messages' | 'recipients'>;
  readonly key: ShapeKey;
  readonly filter: Filter;
  readonly nowMs: number;
}

interface Row {
  readonly name: ByteString;
  total: number;
  readonly counts: number[];
}

function newRow(name: ByteString): Row {
  return { name, total: 0, counts: [...shapeMinutes.map(() => 0), 0] };
}

function domainOf(address: ByteString): ByteString {
  return lowerAscii(splitAddress(address).domain ?? '');
}

/** What a message counts for: a name for each recipient that fits, or one for the message. */
function* namesOf(
  { queue, key, filter }: ShapeOptions,
  matcher: Matcher,
  message: ListedMessage,
): Iterable<ByteString> {
  for (const recipient of queue.recipients(message.id)) {
    // Those that have failed wait for nothing; they are counted when they are asked for.
    if (recipient.state === 'failed' && filter.states.length === 0) continue;
    if (!matcher.fitsRecipient(recipient)) continue;
    if (key === 'domain') {
      yield domainOf(recipient.address);
    } else {
      yield key === 'sender' ? domainOf(message.sender) : lowerAscii(message.host);
      return;
    }
  }
}

function columnOf(ageMs: number): number {
  const column = shapeMinutes.findIndex((minutes) => ageMs < minutes * 60_000);
  return column < 0 ? shapeMinutes.length : column;
}

export function shapeOf(options: ShapeOptions): Shape {
  const matcher = createMatcher(options.filter);
  const total = newRow('');
  const others = newRow('');
  const rows = new Map<ByteString, Row>();

  function rowOf(name: ByteString): Row {
    const known = rows.get(name);
    if (known !== undefined) return known;
    if (rows.size >= shapeNamesMax) return others;
    const made = newRow(name);
    rows.set(name, made);
    return made;
  }

  for (const message of fittingMessages(options.queue, matcher)) {
    if (message === undefined) continue;
    const column = columnOf(options.nowMs - message.birthMs);
    for (const name of namesOf(options, matcher, message)) {
      for (const row of [total, rowOf(name)]) {
        row.total += 1;
        row.counts[column] = (row.counts[column] ?? 0) + 1;
      }
    }
  }
  return {
    total,
    rows: [...rows.values()].sort(
      (one, two) => two.total - one.total || (one.name < two.name ? -1 : Number(one.name > two.name)),
    ),
    others: others.total > 0 ? others : undefined,
  };
}
