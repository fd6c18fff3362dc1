/** What is next in line in each channel, and what is being tried. */
import type { QueuedMessage, QueuedRecipient } from '../queue/index.ts';
import type { MailboxOf, Next } from './fresh-line.ts';
import { createLine, type Line, type LineSizes, type LineStore, lineSizes } from './line.ts';
import { type Channel, channels } from './retry.ts';

export interface Backlog {
  /** A message is in the store; its recipients are in line. */
  accepted(message: QueuedMessage, recipients: readonly QueuedRecipient[]): void;
  /** The next recipient of a channel, which counts as taken until it is released. */
  take(channel: Channel, nowMs: number): Next | undefined;
  /** What is taken from now on is begun later than what was taken before. */
  endTurn(): void;
  /** The store knows what became of a recipient that was taken. */
  release(recipient: QueuedRecipient): void;
  /** A recipient was changed in the store: what is known of it here is not to be used. If it waits, it waits until `dueMs` or later. */
  outdate(recipient: QueuedRecipient, dueMs: number): void;
  /** An order for a recipient is on its way to the store: until it is there the recipient is not taken. */
  withhold(recipient: QueuedRecipient): void;
  /** One such order is over, and if it changed the recipient, that was told before. */
  allow(recipient: QueuedRecipient): void;
  /** A recipient waits in the store until `dueMs`, or until later. */
  waits(dueMs: number): void;
  /**
   * Everything that waits in the store is due at `dueMs`. What is taken may be among it: its deferral was recorded
   * before, and whoever took it will be told afterwards.
   */
  hastened(dueMs: number): void;
  /** Recipients may belong to another channel than before. */
  lookAgain(): void;
  /** When the store is to be looked into again for a channel; undefined for never. */
  nextLookMs(channel: Channel): number | undefined;
  /** Recipients that are taken. */
  readonly taken: number;
  isTaken(recipient: QueuedRecipient): boolean;
}

/** `mailboxOf`: on this host, those for whom it answers the same go together, a few at a time. */
export function createBacklog(
  store: LineStore,
  channelOf: (recipient: QueuedRecipient) => Channel,
  mailboxOf: MailboxOf,
  sizes: LineSizes = lineSizes,
): Backlog {
  const inMemory = new Set<number>();
  /** Recipients in memory that were changed in the store, and until when they may wait there. */
  const outdated = new Map<number, number>();
  const taken = new Set<number>();
  /** Recipients for whom orders are on their way: how many, and what of them was next in line meanwhile. */
  const withheld = new Map<number, { orders: number; next: Next | undefined }>();

  function makeLine(channel: Channel): Line {
    const belongs = (recipient: QueuedRecipient) => channelOf(recipient) === channel;
    return createLine({ store, inMemory, sizes, belongs, ...(channel === 'local' ? { mailboxOf } : {}) });
  }
  const lines: Readonly<Record<Channel, Line>> = { local: makeLine('local'), remote: makeLine('remote') };

  function waits(dueMs: number): void {
    for (const channel of channels) lines[channel].waits(dueMs);
  }

  /** Answers whether it was changed in the store meanwhile, where it is to be found again. */
  function forget({ id }: QueuedRecipient): boolean {
    inMemory.delete(id);
    const dueMs = outdated.get(id);
    if (dueMs === undefined) return false;
    outdated.delete(id);
    waits(dueMs);
    return true;
  }

  function outdate(id: number, dueMs: number): void {
    outdated.set(id, Math.min(outdated.get(id) ?? dueMs, dueMs));
  }

  return {
    accepted(message, recipients) {
      for (const recipient of recipients) lines[channelOf(recipient)].arrive({ recipient, message });
    },
    take(channel, nowMs) {
      for (;;) {
        const next = lines[channel].pop(nowMs);
        if (next === undefined) return undefined;
        const held = withheld.get(next.recipient.id);
        if (held === undefined && !outdated.has(next.recipient.id)) {
          taken.add(next.recipient.id);
          return next;
        }
        // Nobody comes along with one who does not go.
        lines[channel].endTurn();
        if (held !== undefined) held.next = next;
        else forget(next.recipient);
      }
    },
    endTurn() {
      for (const channel of channels) lines[channel].endTurn();
    },
    release(recipient) {
      taken.delete(recipient.id);
      forget(recipient);
      for (const channel of channels) lines[channel].endTurn();
    },
    outdate({ id }, dueMs) {
      if (inMemory.has(id)) outdate(id, dueMs);
      else waits(dueMs);
    },
    withhold({ id }) {
      const held = withheld.get(id);
      if (held === undefined) withheld.set(id, { orders: 1, next: undefined });
      else held.orders += 1;
    },
    allow({ id }) {
      const held = withheld.get(id);
      if (held === undefined) return;
      held.orders -= 1;
      if (held.orders > 0) return;
      withheld.delete(id);
      // What has changed meanwhile is found out when it is taken.
      if (held.next !== undefined) lines[channelOf(held.next.recipient)].putBack(held.next);
    },
    waits,
    hastened(dueMs) {
      for (const id of taken) outdate(id, dueMs);
      waits(dueMs);
    },
    lookAgain() {
      for (const channel of channels) lines[channel].lookAgain();
      for (const id of outdated.keys()) if (!inMemory.has(id)) outdated.delete(id);
    },
    nextLookMs: (channel) => lines[channel].nextLookMs,
    get taken() {
      return taken.size;
    },
    isTaken: ({ id }) => taken.has(id),
  };
}
