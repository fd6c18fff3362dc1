/**
 * The queue's store: the way in, what is due, and what became of it. One process owns a store at a time; others may
 * read it. What the store has confirmed survives any crash, and what it has not confirmed never happened.
 */
import { chmodSync } from 'node:fs';
import type { ByteString } from '../system/index.ts';
import { type Accepted, createIncoming } from './incoming.ts';
import type { IncomingMessage, Intake, Origin } from './intake.ts';
import { lockStore } from './lock.ts';
import { makeDirectory } from './make-directory.ts';
import { createNumbers } from './numbers.ts';
import { progress, type SteerOperation } from './operation.ts';
import { showQueue } from './queue-gauges.ts';
import { openReader, type QueuedMessage, type QueuedRecipient, type Reader } from './reader.ts';
import { ranksOf } from './recipient-ranks.ts';
import { keysPerMessage } from './schema.ts';
import { type StartStoreWorker, type StoreThread, startStoreThread } from './store-thread.ts';

/** The store's file in the queue directory; SQLite keeps its log and index beside it. */
export function storePath(directory: string): string {
  return `${directory}/store.sqlite`;
}

/** What became of a message with one of its recipients. */
export type Progress = keyof typeof progress;

/** An operator's order for one recipient. */
export type Order = SteerOperation['order'];

/** One attempt and what it reported. */
export interface AttemptRecord {
  /** Attempts so far, with this one. */
  readonly attempts: number;
  readonly triedMs: number;
  readonly report: ByteString;
}

export interface Deferral extends AttemptRecord {
  readonly dueMs: number;
}

/** A recipient that was not tried, and when it is to be looked at again. */
export interface Postponement {
  readonly recipient: QueuedRecipient;
  readonly dueMs: number;
}

export interface Store extends Intake, Omit<Reader, 'close'> {
  /** Whether the reader may see a message that `onAccepted` has yet to tell of. */
  isArriving(messageId: number): boolean;
  /** Begins the bounce of a message: that message goes in the moment in which the bounce is in. */
  beginBounce(message: QueuedMessage): IncomingMessage;
  /** The recipient is done with. */
  settle(recipient: QueuedRecipient): Promise<Progress>;
  /** The recipient will never be delivered to, and waits for the message's bounce. */
  fail(recipient: QueuedRecipient, attempt: AttemptRecord): Promise<Progress>;
  /** The recipient is to be tried again. */
  defer(recipient: QueuedRecipient, deferral: Deferral): Promise<void>;
  /** The recipients have not been tried and wait. */
  postpone(postponements: readonly Postponement[]): Promise<void>;
  /** Carries out an operator's order. `report` is the reason of a failure. */
  steer(recipient: QueuedRecipient, order: Order, report?: ByteString): Promise<Progress>;
  /** Makes waiting recipients due now that were last tried before `nowMs`, at most `count`. Answers how many. */
  hasten(nowMs: number, count: number): Promise<number>;
  /** A message whose recipients have all failed goes without a bounce. */
  discard(message: QueuedMessage): Promise<void>;
  /** Forgets submissions whose time is over, at most `count`. Answers how many. */
  forgetSubmissions(nowMs: number, count: number): Promise<number>;
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly now: () => number;
  /** How long submissions are remembered, in milliseconds; 0 for not at all. */
  readonly memoryMs: () => number;
  /** The place of a message of that host in the order of first attempts. */
  readonly rankFor: (host: string) => number;
  /** A message is on stable storage; its recipients are fresh. */
  readonly onAccepted: (message: QueuedMessage, recipients: readonly QueuedRecipient[]) => void;
  /** A submission was answered as the message `before` that it became before, and is not in the queue again. */
  readonly onRepeated: (again: QueuedMessage, before: number) => void;
  /** The store is gone and cannot come back in this process. */
  readonly onLost: (error: Error) => void;
}

function queuedMessage(accepted: Accepted): QueuedMessage {
  const { id, birthMs, sizeBytes, origin, envelope, headerMessageId } = accepted;
  return {
    id,
    birthMs,
    caller: String(origin.caller),
    host: origin.host,
    sender: envelope.sender,
    sizeBytes,
    headerMessageId,
  };
}

function queuedRecipients({ id, birthMs, envelope, rank }: Accepted): readonly QueuedRecipient[] {
  const ranks = ranksOf(rank, envelope.recipients);
  return envelope.recipients.map((address, index) => ({
    id: id * keysPerMessage + index,
    messageId: id,
    address,
    state: 'fresh',
    rank: ranks[index] ?? 0,
    attempts: 0,
    triedMs: 0,
    dueMs: birthMs,
    report: '',
  }));
}

/** A message that the store cannot even begin: its sender is told so at the end, when it listens. */
function refusingMessage(reason: string): IncomingMessage {
  return {
    id: 0,
    write: () => undefined,
    commit: async () => ({ verdict: 'Z', text: `qq trouble creating files in queue (#4.3.0): ${reason}` }),
    abort: () => undefined,
  };
}

function progressOf(value: number): Progress {
  switch (value) {
    case progress.open:
      return 'open';
    case progress.finished:
      return 'finished';
    case progress.bounceDue:
      return 'bounceDue';
    case progress.unchanged:
      return 'unchanged';
    default:
      throw new Error(`the store answered ${value}`);
  }
}

/** A thread that nobody reads beside is ended again. */
async function readerBeside(thread: StoreThread, path: string): Promise<Reader> {
  try {
    return openReader(path);
  } catch (error) {
    await thread.close();
    throw error;
  }
}

/**
 * Opens the store in a queue directory, which is made if it is missing. Throws when another process owns it.
 * `startWorker`: what does the store's work, a thread of its own unless a test brings something else.
 */
export async function openStore(
  directory: string,
  options: StoreOptions,
  startWorker?: StartStoreWorker,
): Promise<Store> {
  makeDirectory(directory);
  // Other users reach the intake in it, and see nothing else.
  chmodSync(directory, 0o711);
  const unlock = lockStore(directory);
  try {
    const path = storePath(directory);
    const thread = await startStoreThread(path, options.onLost, startWorker);
    const { apply } = thread;
    const { close: closeReader, ...reader } = await readerBeside(thread, path);
    const hideQueue = showQueue(reader.counts);
    const numbers = createNumbers(thread.ready, (count) => apply({ kind: 'reserve', count }));

    const arriving = new Set<number>();

    function begin(origin: Origin, replaces?: number): IncomingMessage {
      const id = numbers.take();
      if (id === 'later') return refusingMessage(`${path}: no message number is free at the moment`);
      if (id === 'never') return refusingMessage(`${path}: its message numbers are used up`);
      return createIncoming({
        id,
        origin,
        nowMs: options.now(),
        thread,
        // A bounce is made here and not submitted.
        memoryMs: replaces === undefined ? options.memoryMs() : 0,
        replaces,
        arriving,
        rankFor: options.rankFor,
        onAccepted: (accepted) => options.onAccepted(queuedMessage(accepted), queuedRecipients(accepted)),
        onRepeated: (again, before) => options.onRepeated(queuedMessage(again), before),
      });
    }

    return {
      ...reader,
      isArriving: (messageId) => arriving.has(messageId),
      begin: (origin) => begin(origin),
      beginBounce: (message) => begin({ caller: 'bounce', host: message.host }, message.id),
      settle: async ({ id }) => progressOf(await apply({ kind: 'settle', recipientId: id })),
      fail: async ({ id }, attempt) => progressOf(await apply({ kind: 'fail', recipientId: id, ...attempt })),
      async defer({ id }, deferral) {
        await apply({ kind: 'defer', recipientId: id, ...deferral });
      },
      async postpone(postponements) {
        const recipientIds = postponements.map(({ recipient }) => recipient.id);
        const dueMs = postponements.map((postponement) => postponement.dueMs);
        await apply({ kind: 'postpone', recipientIds, dueMs });
      },
      steer: async ({ id }, order, report = '') =>
        progressOf(await apply({ kind: 'steer', recipientId: id, order, nowMs: options.now(), report })),
      hasten: (nowMs, count) => apply({ kind: 'hasten', nowMs, count }),
      async discard({ id }) {
        await apply({ kind: 'discard', messageId: id });
      },
      forgetSubmissions: (nowMs, count) => apply({ kind: 'forget', nowMs, count }),
      async close() {
        hideQueue();
        const firstId = numbers.stop();
        // When it cannot be written, the numbers are lost, which harms nothing.
        if (firstId !== undefined) apply({ kind: 'giveBack', firstId }).catch(() => undefined);
        // The connection that closes last moves the log into the store, and only the writer's can: so the queue of a
        // hub that was stopped is one file.
        closeReader();
        await thread.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
