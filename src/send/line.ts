/**
 * One channel's recipients that are next in line, in memory, and how far the store has been looked through for more.
 * Fresh ones come in the order of their ranks, those that were deferred in the order of their times; the two take
 * turns, so that neither new mail nor old starves the other.
 */
import type { QueuedMessage, QueuedRecipient, Reader } from '../queue/index.ts';
import { createHeap } from './heap.ts';

/** Recipients in line beyond which only those are taken in that come before others that are left outside. */
const lineMax = 1000;

/** Recipients in line beyond which none is taken in. */
const lineHardMax = 5 * lineMax;

/** Recipients that one look into the store brings at most, besides those that are in memory anyway. */
const refillCount = 500;

export interface Next {
  readonly recipient: QueuedRecipient;
  /** Known when the message was accepted a moment ago. */
  readonly message: QueuedMessage | undefined;
}

export interface LineOptions {
  readonly store: Pick<Reader, 'fresh' | 'due' | 'nextDueMs'>;
  /** What is in line or taken in any channel: the store would bring it a second time. */
  readonly inMemory: Set<number>;
  /** Whether a recipient is of this channel. */
  belongs(recipient: QueuedRecipient): boolean;
}

export interface Line {
  /** A fresh recipient of this channel is in the store. */
  arrive(next: Next): void;
  /** The next recipient, or undefined: then nothing is in line that is known and due. */
  pop(nowMs: number): Next | undefined;
  /** A recipient waits in the store until `dueMs`. */
  waits(dueMs: number): void;
  /** A recipient that left the line is in the store as it was, or changed: it is to be found there again. */
  lookAgain(recipient: QueuedRecipient): void;
  /** When the store is to be looked into again; undefined for never. */
  readonly nextLookMs: number | undefined;
}

const always = Number.NEGATIVE_INFINITY;

function beforeByRank(a: Next, b: Next): boolean {
  const { recipient: first } = a;
  const { recipient: second } = b;
  return first.rank < second.rank || (first.rank === second.rank && first.id < second.id);
}

export function createLine({ store, inMemory, belongs }: LineOptions): Line {
  const fresh = createHeap(beforeByRank);
  const waiting = createHeap<Next>((a, b) => a.recipient.dueMs < b.recipient.dueMs);
  let freshFirst = true;
  /** Whether the store may hold fresh recipients that are not in memory; their ranks are `outsideFrom` or more. */
  let freshOutside = true;
  let outsideFrom = 0;
  /** Waiting recipients that are due before this time are in memory. */
  let waitingFromMs = 0;
  /** When those that are not in memory may be due first. */
  let nextLookMs: number | undefined = always;

  function take(found: readonly QueuedRecipient[], into: typeof fresh): void {
    for (const recipient of found) {
      if (inMemory.has(recipient.id) || !belongs(recipient)) continue;
      inMemory.add(recipient.id);
      into.push({ recipient, message: undefined });
    }
  }

  function leaveOutside(rank: number): void {
    outsideFrom = freshOutside ? Math.min(outsideFrom, rank) : rank;
    freshOutside = true;
  }

  function refillFresh(): void {
    const limit = inMemory.size + refillCount;
    const found = store.fresh(outsideFrom, limit);
    take(found, fresh);
    freshOutside = found.length === limit;
    // Of the last rank there may be more.
    outsideFrom = found.at(-1)?.rank ?? outsideFrom;
  }

  function refillWaiting(nowMs: number): void {
    const limit = inMemory.size + refillCount;
    // A clock that was set back must not hide what is due.
    const found = store.due(Math.min(waitingFromMs, nowMs), nowMs, limit);
    take(found, waiting);
    waitingFromMs = found.at(-1)?.dueMs ?? waitingFromMs;
    nextLookMs = found.length === limit ? always : store.nextDueMs(nowMs);
  }

  return {
    arrive(next) {
      const { rank, id } = next.recipient;
      const comesBefore = !freshOutside || rank < outsideFrom;
      const roomFor = freshOutside ? lineHardMax : lineMax;
      if (comesBefore && fresh.size < roomFor) {
        inMemory.add(id);
        fresh.push(next);
      } else {
        leaveOutside(rank);
      }
    },
    pop(nowMs) {
      if (fresh.size === 0 && freshOutside) refillFresh();
      if (waiting.size === 0 && nextLookMs !== undefined && nextLookMs <= nowMs) refillWaiting(nowMs);
      freshFirst = !freshFirst;
      return freshFirst ? (fresh.pop() ?? waiting.pop()) : (waiting.pop() ?? fresh.pop());
    },
    waits(dueMs) {
      nextLookMs = nextLookMs === undefined ? dueMs : Math.min(nextLookMs, dueMs);
      waitingFromMs = Math.min(waitingFromMs, dueMs);
    },
    lookAgain(recipient) {
      leaveOutside(recipient.rank);
      waitingFromMs = 0;
      nextLookMs = always;
    },
    get nextLookMs() {
      return freshOutside && fresh.size === 0 ? always : nextLookMs;
    },
  };
}
