/** A store in a directory of its own, as the tests of the queue use it. */
import {
  type IncomingMessage,
  openStore,
  type QueuedMessage,
  type QueuedRecipient,
  type Store,
} from '../../src/queue/index.ts';
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
}

export interface OpenedStoreOptions {
  readonly directory?: string;
  readonly now?: () => number;
}

export async function openTestStore(options: OpenedStoreOptions = {}): Promise<OpenedStore> {
  const directory = options.directory ?? temporaryDirectory();
  const accepted: AcceptedMessage[] = [];
  const store = await openStore(
    directory,
    {
      onAccepted: (message, recipients) => accepted.push({ message, recipients }),
      onLost: (error) => {
        throw error;
      },
    },
    { now: options.now ?? Date.now },
  );
  return { store, directory, accepted };
}

/** Submits a message in one piece. */
export async function submit(
  store: Store,
  text: ByteString,
  recipients: readonly ByteString[],
  sender = 'sender@example.org',
): Promise<Answer> {
  const incoming: IncomingMessage = store.begin({ caller: 'network', host: '192.0.2.1' });
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
