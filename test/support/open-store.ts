/** A store in a directory of its own, as the tests of the queue use it. */
import {
  type IncomingMessage,
  openStore,
  type QueueCounts,
  type QueuedMessage,
  type QueuedRecipient,
  type Store,
  type StoreOptions,
} from '../../src/queue/index.ts';
import type { StartStoreWorker } from '../../src/queue/store-thread.ts';
import { type Answer, type ByteString, bytesOf, textOf } from '../../src/system/index.ts';
import { temporaryDirectory } from './home.ts';

export interface AcceptedMessage {
  readonly message: QueuedMessage;
  readonly recipients: readonly QueuedRecipient[];
}

export interface OpenedStore {
  readonly store: Store;
  readonly directory: string;
  /** What the store has reported as accepted, in order. */
  readonly accepted: AcceptedMessage[];
  /** The submissions that it has reported as repeated: their number, and that of the message before. */
  readonly repeated: (readonly [id: number, before: number])[];
}

export interface OpenedStoreOptions {
  readonly directory?: string;
  readonly now?: () => number;
  /** How long submissions are remembered; not at all without. */
  readonly memoryMs?: number;
  /** The rank of a message of that host; the next one for each message without. */
  readonly rankFor?: (host: string) => number;
  /** What does the store's work; a thread of its own without. */
  readonly startWorker?: StartStoreWorker | undefined;
}

export async function openTestStore(options: OpenedStoreOptions = {}): Promise<OpenedStore> {
  const directory = options.directory ?? temporaryDirectory();
  const accepted: AcceptedMessage[] = [];
  const repeated: (readonly [number, number])[] = [];
  let rank = 0;
  const nextRank = () => {
    rank += 1;
    return rank;
  };
  const storeOptions: StoreOptions = {
    now: options.now ?? Date.now,
    memoryMs: () => options.memoryMs ?? 0,
    rankFor: options.rankFor ?? nextRank,
    onAccepted: (message, recipients) => accepted.push({ message, recipients }),
    onRepeated: ({ id }, before) => repeated.push([id, before]),
    onLost: (error) => {
      throw error;
    },
  };
  const store = await openStore(directory, storeOptions, options.startWorker);
  return { store, directory, accepted, repeated };
}

/** Submits a message in one piece. */
export async function submit(
  store: Store,
  text: ByteString,
  recipients: readonly ByteString[],
  sender = 'sender@example.org',
  host = '192.0.2.1',
): Promise<Answer> {
  const incoming: IncomingMessage = store.begin({ caller: 'network', host });
  await incoming.write(bytesOf(text));
  return incoming.commit({ sender, recipients });
}

/** A message's bytes without the Received field that the queue put on top. */
export function bodyText(store: Store, id: number): ByteString {
  const message = store.message(id);
  if (message === undefined) throw new Error(`no message ${id}`);
  let text = '';
  // A piece is gone when the next is asked for.
  for (const chunk of store.body(message).chunks()) text += textOf(chunk);
  return text.slice(text.indexOf('\n') + 1);
}

/** Counts without the age of the oldest message. */
export function countsOf(store: Pick<Store, 'counts'>): Omit<QueueCounts, 'oldestMs'> {
  const { oldestMs: _, ...counts } = store.counts();
  return counts;
}

/** The counts of a store that has only these. */
export function only(some: Partial<QueueCounts>): Omit<QueueCounts, 'oldestMs'> {
  return { messages: 0, fresh: 0, waiting: 0, held: 0, failed: 0, incoming: 0, ...some };
}

/** Every recipient in the store, in the order of the messages. */
export function allRecipients(store: Pick<Store, 'messages' | 'recipients'>): readonly QueuedRecipient[] {
  const found: QueuedRecipient[] = [];
  for (const message of store.messages()) found.push(...store.recipients(message.id));
  return found;
}
