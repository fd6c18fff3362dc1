/** A queue with recipients in every state, as the programs that look at a queue and steer it find it. */
import { openReader, openStore, type QueuedRecipient, type Store, storePath } from '../../src/queue/index.ts';
import { type ByteString, bytesOf } from '../../src/system/index.ts';
import { temporaryHome } from './home.ts';

/** When its messages were accepted, one minute after the other. */
export const birthMs = Date.UTC(2026, 10, 5, 8, 44, 38);

export const minuteMs = 60_000;

/** When the waiting recipient is due. */
export const nextMs = birthMs + 400_000;

export interface SteeredQueue {
  readonly home: string;
  readonly directory: string;
  readonly store: Store;
  /** Ends the store's process side, as when the hub is down. */
  close(): Promise<void>;
}

/** A store as a hub opens it, which tells nobody what it takes. */
export function openQuietStore(directory: string, now: () => number = Date.now): Promise<Store> {
  return openStore(directory, {
    now,
    memoryMs: () => 0,
    rankFor: () => 0,
    onAccepted: () => undefined,
    onRepeated: () => undefined,
    onLost(error) {
      throw error;
    },
  });
}

interface Submission {
  readonly host: string;
  readonly sender: ByteString;
  readonly text: ByteString;
  readonly recipients: readonly ByteString[];
}

/** Submits a message in one piece, and answers its recipients as the queue has them. */
export async function submitTo(store: Store, submission: Submission): Promise<readonly QueuedRecipient[]> {
  const { host, sender, text, recipients } = submission;
  const incoming = store.begin({ caller: host === '' ? 1000 : 'network', host });
  await incoming.write(bytesOf(text));
  const answer = await incoming.commit({ sender, recipients });
  if (answer.verdict !== 'K') throw new Error(answer.text);
  return [...store.recipients(incoming.id)];
}

/**
 * Three messages: for joe (fresh), far (waiting, tried twice) and gone (failed), from 192.0.2.1; a bounce for held,
 * from this machine; and one with a Message-ID for five (fresh), from 192.0.2.2.
 */
export async function openSteeredQueue(home = temporaryHome()): Promise<SteeredQueue> {
  const directory = `${home}/queue`;
  let nowMs = birthMs;
  const store = await openQuietStore(directory, () => nowMs);
  const [, far, gone] = await submitTo(store, {
    host: '192.0.2.1',
    sender: 'root@one.example',
    text: 'Subject: one\n\nbody\n',
    recipients: ['joe@ref.test', 'far@two.example', 'gone@Two.example'],
  });
  nowMs += minuteMs;
  const [held] = await submitTo(store, {
    host: '',
    sender: '',
    text: 'two\n',
    recipients: ['held@three.example'],
  });
  nowMs += minuteMs;
  await submitTo(store, {
    host: '192.0.2.2',
    sender: 'Root@ONE.example',
    text: 'Message-ID: <five@one.example>\n\nthree\n',
    recipients: [0, 1, 2, 3, 4].map((number) => `x${number}@sub.two.example`),
  });
  if (far === undefined || gone === undefined || held === undefined) throw new Error('no recipients');
  await store.defer(far, {
    attempts: 2,
    triedMs: birthMs + 1000,
    dueMs: nextMs,
    report: 'no such route\nas yet (#4.4.4)\n',
  });
  await store.fail(gone, { attempts: 1, triedMs: birthMs + 1000, report: 'no such user (#5.1.1)\n' });
  await store.steer(held, 'hold');
  return { home, directory, store, close: () => store.close() };
}

/** `joe fresh` for each recipient in a queue directory, in the order of the queue. */
export function statesIn(directory: string): readonly string[] {
  const reader = openReader(storePath(directory));
  const states = [...reader.messages()].flatMap(({ id }) =>
    [...reader.recipients(id)].map(({ address, state }) => `${address.split('@')[0]} ${state}`),
  );
  reader.close();
  return states;
}
