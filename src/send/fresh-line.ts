/**
 * Fresh recipients in the order of their ranks, except that one who is next brings a few others of the same mailbox
 * along, if their turn is not far. What a delivery costs beyond the work itself, such as waking the user's process and
 * syncing the directory, is then paid once for all of them.
 *
 * Nobody is overtaken for good: whoever went ahead is missing later, so that another host's mail is behind by
 * `aheadMax` deliveries at most, however long a flood lasts.
 */
import type { QueuedMessage, QueuedRecipient } from '../queue/index.ts';
import { createHeap } from './heap.ts';

export interface Next {
  readonly recipient: QueuedRecipient;
  /** Known when the message was accepted a moment ago. */
  readonly message: QueuedMessage | undefined;
  /** It came along with another before its turn, so its rank says nothing of whose turn it is. */
  readonly isAhead?: boolean;
}

/** Who goes together: recipients for whom it answers the same. */
export type MailboxOf = (recipient: QueuedRecipient) => string;

/** Recipients of a mailbox that go together. */
export const togetherMax = 5;

/** Ranks by which one may be ahead of its turn. */
export const aheadMax = 250;

export interface FreshLine {
  readonly size: number;
  push(next: Next): void;
  /** The one whose turn it is, or one that comes along with the one before. */
  pop(): Next | undefined;
  /** Who has not come along by now waits for his own turn: what is begun later goes to work later. */
  part(): void;
}

interface Company {
  readonly mailbox: string;
  readonly rankMax: number;
  left: number;
}

/** What is in line. The mailbox is that of its arrival, whatever has been set since. */
interface Entry {
  readonly next: Next;
  readonly mailbox: string | undefined;
}

function isBefore({ next: { recipient: a } }: Entry, { next: { recipient: b } }: Entry): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.id < b.id);
}

/** Without `mailboxOf` each goes alone. */
export function createFreshLine(mailboxOf?: MailboxOf): FreshLine {
  const heap = createHeap<Entry>(isBefore);
  /** Those in the heap that are still to come, by mailbox, in the order in which they came. */
  const byMailbox = new Map<string, Set<Entry>>();
  /** Those in the heap that went ahead. */
  const gone = new Set<Entry>();
  let company: Company | undefined;

  function add(mailbox: string, entry: Entry): void {
    const others = byMailbox.get(mailbox);
    if (others === undefined) byMailbox.set(mailbox, new Set([entry]));
    else others.add(entry);
  }

  function remove(mailbox: string, entry: Entry): void {
    const others = byMailbox.get(mailbox);
    others?.delete(entry);
    if (others?.size === 0) byMailbox.delete(mailbox);
  }

  function popCompanion(): Next | undefined {
    if (company === undefined || company.left === 0) return undefined;
    const { mailbox, rankMax } = company;
    const entry = byMailbox.get(mailbox)?.values().next().value;
    if (entry === undefined || entry.next.recipient.rank > rankMax) return undefined;
    company.left -= 1;
    remove(mailbox, entry);
    gone.add(entry);
    return { ...entry.next, isAhead: true };
  }

  function popFirst(): Next | undefined {
    let entry = heap.pop();
    while (entry !== undefined && gone.delete(entry)) entry = heap.pop();
    if (entry === undefined) return undefined;
    const { next, mailbox } = entry;
    if (mailbox !== undefined) {
      remove(mailbox, entry);
      company = { mailbox, rankMax: next.recipient.rank + aheadMax, left: togetherMax - 1 };
    }
    return next;
  }

  return {
    get size() {
      return heap.size - gone.size;
    },
    push({ recipient, message }) {
      const mailbox = mailboxOf?.(recipient);
      const entry: Entry = { next: { recipient, message }, mailbox };
      heap.push(entry);
      if (mailbox !== undefined) add(mailbox, entry);
    },
    pop: () => popCompanion() ?? popFirst(),
    part() {
      company = undefined;
    },
  };
}
