/**
 * The queue's store: the way in, what is due, and what became of it. One process owns a store at a time; others may
 * read it. What the store has confirmed survives any crash, and what it has not confirmed never happened.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import type { ByteString } from '../system/index.ts';
import { type Accepted, createIncoming } from './incoming.ts';
import type { IncomingMessage, Intake, Origin } from './intake.ts';
import { lockStore } from './lock.ts';
import { openReader, type QueuedMessage, type QueuedRecipient, type Reader } from './reader.ts';
import { keysPerMessage } from './schema.ts';
import { startStoreThread } from './store-thread.ts';

/** The store's file in the queue directory; SQLite keeps its log and index beside it. */
export function storePath(directory: string): string {
  return `${directory}/store.sqlite`;
}

/** When this many message numbers are left, the next block is asked for. */
const idReserve = 20_000;

const idBlock = 100_000;

export interface Deferral {
  readonly attempts: number;
  readonly dueMs: number;
  readonly report: ByteString;
}

export interface Store extends Intake, Omit<Reader, 'close'> {
  /** The recipient is done with. Resolves with whether the message is finished. */
  settle(recipient: QueuedRecipient): Promise<boolean>;
  /** The recipient is to be tried again. */
  defer(recipient: QueuedRecipient, deferral: Deferral): Promise<void>;
  close(): Promise<void>;
}

export interface StoreEvents {
  /** A message is on stable storage; its recipients are due. */
  readonly onAccepted: (message: QueuedMessage, recipients: readonly QueuedRecipient[]) => void;
  /** The store is gone and cannot come back in this process. */
  readonly onLost: (error: Error) => void;
}

export interface StoreClock {
  readonly now: () => number;
}

function queuedRecipients({ id, birthMs, envelope }: Accepted): readonly QueuedRecipient[] {
  return envelope.recipients.map((address, index) => ({
    id: id * keysPerMessage + index,
    messageId: id,
    address,
    attempts: 0,
    dueMs: birthMs,
    report: '',
  }));
}

function queued(accepted: Accepted): QueuedMessage {
  const { id, birthMs, sizeBytes, origin, envelope } = accepted;
  return {
    id,
    birthMs,
    caller: String(origin.caller),
    host: origin.host,
    sender: envelope.sender,
    sizeBytes,
  };
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

/** Opens the store in a queue directory, which is made if it is missing. Throws when another process owns it. */
export async function openStore(directory: string, events: StoreEvents, clock: StoreClock): Promise<Store> {
  mkdirSync(directory, { recursive: true });
  // Other users reach the intake in it, and see nothing else.
  chmodSync(directory, 0o711);
  const unlock = await lockStore(directory);
  try {
    const path = storePath(directory);
    const thread = await startStoreThread(path, events.onLost);
    const reader = openReader(path);
    const blocks = [{ next: thread.ready.firstId, end: thread.ready.firstId + thread.ready.idCount }];
    let asking = false;

    function askForNumbers(): void {
      if (asking) return;
      asking = true;
      thread.apply({ kind: 'reserve', count: idBlock }).then(
        (firstId) => {
          blocks.push({ next: firstId, end: firstId + idBlock });
          asking = false;
        },
        () => {
          asking = false;
        },
      );
    }

    /** undefined when a full disk has kept the next block from being reserved for too long. */
    function takeNumber(): number | undefined {
      const [block, ...more] = blocks;
      if (block === undefined) {
        askForNumbers();
        return undefined;
      }
      const id = block.next;
      block.next += 1;
      if (block.end - block.next < idReserve && more.length === 0) askForNumbers();
      if (block.next === block.end) blocks.shift();
      return id;
    }

    return {
      due: reader.due,
      nextDueMs: reader.nextDueMs,
      message: reader.message,
      messages: reader.messages,
      recipients: reader.recipients,
      body: reader.body,
      counts: reader.counts,
      begin(origin: Origin) {
        const id = takeNumber();
        if (id === undefined) return refusingMessage(`${path}: no message number is left`);
        return createIncoming({
          id,
          origin,
          nowMs: clock.now(),
          thread,
          onAccepted: (accepted) => events.onAccepted(queued(accepted), queuedRecipients(accepted)),
        });
      },
      async settle(recipient) {
        return (await thread.apply({ kind: 'settle', recipientId: recipient.id })) === 1;
      },
      async defer(recipient, deferral) {
        await thread.apply({ kind: 'defer', recipientId: recipient.id, ...deferral });
      },
      async close() {
        await thread.close();
        reader.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
