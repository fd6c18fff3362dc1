/**
 * An operator's orders for single recipients. One that is being tried cannot be called back: an order that would end
 * it is carried out when the attempt is over and has not delivered it, so that a message does not vanish while it is
 * read, and no bounce goes out beside a delivery. Until then the recipient is held: if everything ends in between, it
 * is not tried again. While an order is on its way to the store no attempt begins: it would not know of it.
 */
import type { Order, Progress, QueuedMessage, QueuedRecipient, Store } from '../queue/index.ts';
import type { ByteString } from '../system/index.ts';
import type { Recorder } from './recorder.ts';

export interface OrdersOptions {
  readonly store: Pick<Store, 'steer'>;
  readonly recorder: Pick<Recorder, 'record'>;
  /** Whether a recipient is being tried, or what became of that is being recorded. */
  isTaken(recipient: QueuedRecipient): boolean;
  /** No attempt is to begin, until `allow` was called as often. */
  withhold(recipient: QueuedRecipient): void;
  allow(recipient: QueuedRecipient): void;
  readonly now: () => number;
  /** An order has changed a recipient in the store; if it waits there, then until `dueMs` or later. */
  onChanged(message: QueuedMessage, recipient: QueuedRecipient, progress: Progress, dueMs: number): void;
}

export interface Orders {
  /** Answers whether the order changed anything, or will when the attempt is over. */
  steer(
    message: QueuedMessage,
    recipient: QueuedRecipient,
    order: Order,
    report: ByteString,
  ): Promise<boolean>;
  /** An attempt is over and recorded. If an order has waited for that, resolves when it is carried out. */
  attemptOver(recipient: QueuedRecipient): Promise<void> | undefined;
  /** Orders that are being carried out after an attempt. */
  readonly running: number;
}

interface Postponed {
  readonly message: QueuedMessage;
  readonly order: Order;
  readonly report: ByteString;
}

export function createOrders(options: OrdersOptions): Orders {
  const { store, recorder, isTaken, now, onChanged } = options;
  const postponed = new Map<number, Postponed>();
  let running = 0;

  async function apply({ message, order, report }: Postponed, recipient: QueuedRecipient): Promise<boolean> {
    options.withhold(recipient);
    try {
      // The store makes it due at the time at which it is told, which is over when it answers.
      const dueMs = now();
      const progress = await store.steer(recipient, order, report);
      if (progress === 'unchanged') return false;
      onChanged(message, recipient, progress, dueMs);
      return true;
    } finally {
      options.allow(recipient);
    }
  }

  return {
    async steer(message, recipient, order, report) {
      // Of several orders the last one counts.
      postponed.delete(recipient.id);
      const ends = order === 'fail' || order === 'delete';
      if (!ends || !isTaken(recipient)) return apply({ message, order, report }, recipient);
      postponed.set(recipient.id, { message, order, report });
      try {
        await apply({ message, order: 'hold', report: '' }, recipient);
      } catch (error) {
        // Whoever gave it is told that it is not carried out, and so it must not be later.
        postponed.delete(recipient.id);
        throw error;
      }
      return true;
    },
    attemptOver(recipient) {
      const order = postponed.get(recipient.id);
      if (order === undefined) return undefined;
      postponed.delete(recipient.id);
      running += 1;
      return recorder
        .record('an order', [recipient], () => apply(order, recipient))
        .then(() => {
          running -= 1;
        });
    },
    get running() {
      return running;
    },
  };
}
