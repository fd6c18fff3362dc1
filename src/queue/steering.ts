/**
 * An operator's order for many recipients: how many it means, and carrying it out. It goes through the queue a page at
 * a time, with a pause after each, so that a million recipients neither keep the event loop nor fill the memory.
 */
import { setImmediate as pause } from 'node:timers/promises';
import type { ByteString } from '../system/index.ts';
import { createMatcher, type Filter, type Matcher } from './filter.ts';
import type { ListedMessage, QueuedMessage, QueuedRecipient, Reader } from './reader.ts';
import type { RecipientState } from './schema.ts';
import type { Order } from './store.ts';

/** What is looked at in one turn of the event loop; those of it that are meant are steered in one transaction. */
const pageMax = 200;

export interface SteeringOrder {
  readonly order: Order;
  readonly filter: Filter;
  /** When it was given: messages that are accepted later are not meant. */
  readonly nowMs: number;
  /** What the bounce says of the recipients of a `fail`. */
  readonly report: ByteString;
}

export interface Affected {
  readonly recipients: number;
  readonly messages: number;
}

/** Carries out the order for one recipient. Answers whether that changed anything. */
export type Steer = (
  message: QueuedMessage,
  recipient: QueuedRecipient,
  order: Order,
  report: ByteString,
) => Promise<boolean>;

export interface SteeringOptions {
  readonly queue: Pick<Reader, 'message' | 'messages' | 'recipients'>;
  /** Ends it after the current page. */
  readonly signal?: AbortSignal;
}

interface Selected {
  readonly message: ListedMessage;
  readonly recipient: QueuedRecipient;
}

/** What each order can change. */
const statesFor: Readonly<Record<Order, readonly RecipientState[]>> = {
  retry: ['waiting'],
  hold: ['fresh', 'waiting'],
  release: ['held'],
  fail: ['fresh', 'waiting', 'held'],
  delete: ['fresh', 'waiting', 'held', 'failed'],
};

/** The messages that fit, with `undefined` for each that does not, so that the caller can pause. */
export function* fittingMessages(
  queue: SteeringOptions['queue'],
  matcher: Matcher,
): Iterable<ListedMessage | undefined> {
  if (matcher.numbers === undefined) {
    for (const message of queue.messages()) yield matcher.fitsMessage(message) ? message : undefined;
    return;
  }
  for (const number of matcher.numbers) {
    const message = queue.message(number);
    yield message !== undefined && matcher.fitsMessage(message) ? message : undefined;
  }
}

/** The failed ones of a message that is deleted go first: with the last open one the bounce would be due. */
function* recipientsInTurn(
  queue: SteeringOptions['queue'],
  { id, open, failed }: ListedMessage,
  order: Order,
): Iterable<QueuedRecipient> {
  if (order !== 'delete' || failed === 0) {
    yield* queue.recipients(id);
    return;
  }
  // Its bounce is being written.
  if (open === 0) return;
  for (const recipient of queue.recipients(id)) if (recipient.state === 'failed') yield recipient;
  for (const recipient of queue.recipients(id)) if (recipient.state !== 'failed') yield recipient;
}

function* select(queue: SteeringOptions['queue'], order: SteeringOrder): Iterable<Selected | undefined> {
  const matcher = createMatcher(order.filter);
  const states = statesFor[order.order];
  for (const message of fittingMessages(queue, matcher)) {
    if (message === undefined || message.birthMs > order.nowMs) {
      yield undefined;
      continue;
    }
    for (const recipient of recipientsInTurn(queue, message, order.order)) {
      const meant = states.includes(recipient.state) && matcher.fitsRecipient(recipient);
      yield meant ? { message, recipient } : undefined;
    }
  }
}

/** `act` answers for each of a page whether it counts. */
async function walk(
  order: SteeringOrder,
  { queue, signal }: SteeringOptions,
  act: (page: readonly Selected[]) => Promise<readonly boolean[]> | readonly boolean[],
): Promise<Affected> {
  let recipients = 0;
  let messages = 0;
  let lastMessage: number | undefined;
  let looks = 0;
  let page: Selected[] = [];

  async function turn(): Promise<void> {
    const done = await act(page);
    page.forEach(({ message }, index) => {
      if (done[index] !== true) return;
      recipients += 1;
      if (message.id !== lastMessage) messages += 1;
      lastMessage = message.id;
    });
    page = [];
    looks = 0;
    await pause();
    signal?.throwIfAborted();
  }

  for (const selected of select(queue, order)) {
    looks += 1;
    if (selected !== undefined) page.push(selected);
    if (looks >= pageMax) await turn();
  }
  await turn();
  return { recipients, messages };
}

/** How many the order means now. */
export function countMeant(order: SteeringOrder, options: SteeringOptions): Promise<Affected> {
  return walk(order, options, (page) => page.map(() => true));
}

/** Carries the order out, and answers how many it changed. */
export function carryOut(order: SteeringOrder, steer: Steer, options: SteeringOptions): Promise<Affected> {
  return walk(order, options, (page) =>
    Promise.all(page.map(({ message, recipient }) => steer(message, recipient, order.order, order.report))),
  );
}
