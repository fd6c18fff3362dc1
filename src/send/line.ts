/**
 * One channel's recipients that are next in line, in memory, and how far the store has been looked through for more.
 * Fresh ones come in the order of their ranks, those that were deferred in the order of their times; the two take
 * turns, so that neither new mail nor old starves the other.
 *
 * Whatever of this channel is in the store is in memory, or lies behind the place up to which its order has been
 * looked through.
 */
import type { Place, QueuedRecipient, Store } from '../queue/index.ts';
import { createFreshLine, type MailboxOf, type Next } from './fresh-line.ts';
import { createHeap } from './heap.ts';

export interface LineSizes {
  /** Recipients in line beyond which only those are taken in that come before others that are left outside. */
  readonly lineMax: number;
  /** Recipients in line beyond which none is taken in. */
  readonly lineHardMax: number;
  /** Recipients that one look into the store brings at most. */
  readonly refillCount: number;
}

export const lineSizes: LineSizes = { lineMax: 1000, lineHardMax: 5000, refillCount: 500 };

export type LineStore = Pick<Store, 'fresh' | 'due' | 'nextDueMs' | 'isArriving'>;

export interface LineOptions {
  readonly store: LineStore;
  /** What is in line or taken in any channel: the store would bring it a second time. */
  readonly inMemory: Set<number>;
  /** Whether a recipient is of this channel. */
  belongs(recipient: QueuedRecipient): boolean;
  readonly sizes: LineSizes;
  /** Fresh recipients that it finds equal go together, a few at a time. */
  readonly mailboxOf?: MailboxOf;
}

export interface Line {
  /** A fresh recipient of this channel is in the store. */
  arrive(next: Next): void;
  /** The next recipient, or undefined: then nothing is in line that is known and due. */
  pop(nowMs: number): Next | undefined;
  /** What comes next is begun later than what came until now. */
  endTurn(): void;
  /** One that was next and is not tried now. */
  putBack(next: Next): void;
  /** A recipient waits in the store until `dueMs`, or until later. */
  waits(dueMs: number): void;
  /** Forgets what is in line: everything in the store is to be looked through again. */
  lookAgain(): void;
  /** When the store is to be looked into again; undefined for never. */
  readonly nextLookMs: number | undefined;
}

const always = Number.NEGATIVE_INFINITY;

/** Before every place. */
const beginning: Place = { order: -1, id: -1 };

function isAfter(one: Place, other: Place): boolean {
  return one.order > other.order || (one.order === other.order && one.id > other.id);
}

function earlier(one: Place, other: Place): Place {
  return isAfter(one, other) ? other : one;
}

function byRank({ rank, id }: QueuedRecipient): Place {
  return { order: rank, id };
}

function byTime({ dueMs, id }: QueuedRecipient): Place {
  return { order: dueMs, id };
}

export function createLine({ store, inMemory, belongs, sizes, mailboxOf }: LineOptions): Line {
  const { lineMax, lineHardMax, refillCount } = sizes;
  const fresh = createFreshLine(mailboxOf);
  const waiting = createHeap<Next>((a, b) => isAfter(byTime(b.recipient), byTime(a.recipient)));
  let freshFirst = true;
  /** Up to here fresh recipients are in memory; all of them are when `freshOutside` is false. */
  let freshSeen = beginning;
  let freshOutside = true;
  /** Up to here waiting recipients are in memory. */
  let waitingSeen = beginning;
  /** When those that are not in memory may be due first. */
  let nextLookMs: number | undefined = always;

  function take(found: readonly QueuedRecipient[], into: { push(next: Next): void }): void {
    for (const recipient of found) {
      // Those of a message that is arriving come by `arrive`.
      if (inMemory.has(recipient.id) || store.isArriving(recipient.messageId) || !belongs(recipient))
        continue;
      inMemory.add(recipient.id);
      into.push({ recipient, message: undefined });
    }
  }

  function refillFresh(): void {
    const found = store.fresh(freshSeen, refillCount);
    take(found, fresh);
    const last = found.at(-1);
    if (last !== undefined) freshSeen = byRank(last);
    freshOutside = found.length === refillCount;
  }

  function refillWaiting(nowMs: number): void {
    const found = store.due(waitingSeen, nowMs, refillCount);
    take(found, waiting);
    const last = found.at(-1);
    if (last !== undefined) waitingSeen = byTime(last);
    nextLookMs = found.length === refillCount ? always : store.nextDueMs(nowMs);
  }

  return {
    arrive(next) {
      const place = byRank(next.recipient);
      const comesBefore = !freshOutside || !isAfter(place, freshSeen);
      const roomFor = freshOutside ? lineHardMax : lineMax;
      if (comesBefore && fresh.size < roomFor) {
        inMemory.add(next.recipient.id);
        fresh.push(next);
      } else if (comesBefore) {
        freshSeen = { order: place.order, id: place.id - 1 };
        freshOutside = true;
      }
    },
    pop(nowMs) {
      if (fresh.size === 0 && freshOutside) refillFresh();
      if (waiting.size === 0 && nextLookMs !== undefined && nextLookMs <= nowMs) refillWaiting(nowMs);
      freshFirst = !freshFirst;
      return freshFirst ? (fresh.pop() ?? waiting.pop()) : (waiting.pop() ?? fresh.pop());
    },
    endTurn: fresh.part,
    putBack(next) {
      (next.recipient.state === 'fresh' ? fresh : waiting).push(next);
    },
    waits(dueMs) {
      nextLookMs = nextLookMs === undefined ? dueMs : Math.min(nextLookMs, dueMs);
      waitingSeen = earlier(waitingSeen, { order: dueMs, id: -1 });
    },
    lookAgain() {
      for (let next = fresh.pop() ?? waiting.pop(); next; next = fresh.pop() ?? waiting.pop()) {
        inMemory.delete(next.recipient.id);
      }
      freshSeen = beginning;
      freshOutside = true;
      waitingSeen = beginning;
      nextLookMs = always;
    },
    get nextLookMs() {
      return freshOutside && fresh.size === 0 ? always : nextLookMs;
    },
  };
}
