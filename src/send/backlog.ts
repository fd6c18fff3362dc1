/** What is next in line in each channel, and what is being tried. */
import type { QueuedMessage, QueuedRecipient, Reader } from '../queue/index.ts';
import { createLine, type Line, type Next } from './line.ts';
import { type Channel, channels } from './retry.ts';

export interface Backlog {
  /** A message is in the store; its recipients are in line. */
  accepted(message: QueuedMessage, recipients: readonly QueuedRecipient[]): void;
  /** The next recipient of a channel, which counts as taken until it is released. */
  take(channel: Channel, nowMs: number): Next | undefined;
  /** The store knows what became of a recipient that was taken. */
  release(recipient: QueuedRecipient): void;
  /** A recipient was changed in the store: what is known of it here is not to be used. */
  outdate(recipient: QueuedRecipient): void;
  /** Everything that waits may be due now. */
  lookAgain(): void;
  /** A recipient waits in the store until `dueMs`. */
  waits(dueMs: number): void;
  /** When the store is to be looked into again for a channel; undefined for never. */
  nextLookMs(channel: Channel): number | undefined;
  /** Recipients that are taken. */
  readonly taken: number;
}

export function createBacklog(
  store: Pick<Reader, 'fresh' | 'due' | 'nextDueMs'>,
  channelOf: (recipient: QueuedRecipient) => Channel,
): Backlog {
  const inMemory = new Set<number>();
  const outdated = new Set<number>();
  let taken = 0;

  function makeLine(channel: Channel): Line {
    return createLine({ store, inMemory, belongs: (recipient) => channelOf(recipient) === channel });
  }
  const lines: Readonly<Record<Channel, Line>> = { local: makeLine('local'), remote: makeLine('remote') };

  return {
    accepted(message, recipients) {
      for (const recipient of recipients) lines[channelOf(recipient)].arrive({ recipient, message });
    },
    take(channel, nowMs) {
      for (;;) {
        const next = lines[channel].pop(nowMs);
        if (next === undefined) return undefined;
        const { recipient } = next;
        if (!outdated.delete(recipient.id)) {
          taken += 1;
          return next;
        }
        inMemory.delete(recipient.id);
        lines[channel].lookAgain(recipient);
      }
    },
    release({ id }) {
      taken -= 1;
      inMemory.delete(id);
      outdated.delete(id);
    },
    outdate(recipient) {
      if (inMemory.has(recipient.id)) outdated.add(recipient.id);
      else for (const channel of channels) lines[channel].lookAgain(recipient);
    },
    lookAgain() {
      for (const channel of channels) lines[channel].waits(0);
    },
    waits(dueMs) {
      for (const channel of channels) lines[channel].waits(dueMs);
    },
    nextLookMs: (channel) => lines[channel].nextLookMs,
    get taken() {
      return taken;
    },
  };
}
