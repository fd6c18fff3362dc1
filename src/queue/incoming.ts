/** A message on its way into the queue: its bytes gathered into bounded chunks, its envelope last. */
import { type Envelope, receivedByQueue } from '../mail/index.ts';
import { type Answer, bytesOf } from '../system/index.ts';
import type { IncomingMessage, Origin } from './intake.ts';
import { keysPerMessage } from './schema.ts';
import { StoreError, type StoreThread } from './store-thread.ts';

/** Bytes of a row of a body. A message up to this size is written in one piece with its envelope. */
export const chunkBytesMax = 65536;

/** Recipients of one message; a key has room for one more. */
export const recipientsMax = keysPerMessage - 1;

/** Bytes of one address, as in qmail-queue. */
export const addressBytesMax = 1002;

/** The first chunk of most messages is their only one: it starts small and grows once. */
const firstChunkBytes = 4096;

/** A full disk may keep a message from being deleted: it is tried again after this. */
const forgetRetryMs = 1000;

export interface Accepted {
  readonly id: number;
  readonly birthMs: number;
  readonly sizeBytes: number;
  readonly origin: Origin;
  readonly envelope: Envelope;
}

export interface IncomingOptions {
  readonly id: number;
  readonly origin: Origin;
  readonly nowMs: number;
  readonly thread: StoreThread;
  /** Called when the message is on stable storage, before its answer is given. */
  readonly onAccepted: (accepted: Accepted) => void;
}

function refusal(error: unknown): Answer {
  if (!(error instanceof StoreError)) throw error;
  return { verdict: 'Z', text: `qq write error or disk full (#4.3.0): ${error.message}` };
}

export function createIncoming(options: IncomingOptions): IncomingMessage {
  const { id, origin, nowMs, thread } = options;
  let chunk = new Uint8Array(firstChunkBytes);
  let used = 0;
  let chunksSent = 0;
  let sizeBytes = 0;
  let failure: Answer | undefined;
  let finished = false;
  let lastChunk: Promise<void> | undefined;

  function makeRoom(): void {
    if (chunk.length < chunkBytesMax) {
      const grown = new Uint8Array(chunkBytesMax);
      grown.set(chunk.subarray(0, used));
      chunk = grown;
      return;
    }
    if (failure === undefined) {
      const operation = { kind: 'chunk', messageId: id, index: chunksSent, bytes: chunk } as const;
      lastChunk = thread.apply(operation).then(
        () => undefined,
        (error: unknown) => {
          failure ??= refusal(error);
        },
      );
      chunksSent += 1;
      chunk = new Uint8Array(chunkBytesMax);
    }
    used = 0;
  }

  function append(bytes: Uint8Array): void {
    let taken = 0;
    while (taken < bytes.length) {
      if (used === chunk.length) makeRoom();
      const count = Math.min(bytes.length - taken, chunk.length - used);
      chunk.set(bytes.subarray(taken, taken + count), used);
      used += count;
      taken += count;
    }
    sizeBytes += bytes.length;
  }

  /** What cannot be deleted until this process ends is swept at the next start. */
  function forget(): void {
    if (chunksSent === 0) return;
    thread.apply({ kind: 'drop', messageId: id }).catch(() => setTimeout(forget, forgetRetryMs).unref());
  }

  function refuse(answer: Answer): Answer {
    forget();
    return answer;
  }

  append(bytesOf(receivedByQueue(id, origin.caller, nowMs)));

  return {
    id,
    write(bytes) {
      append(bytes);
      return thread.drained();
    },
    async commit(envelope) {
      if (finished) throw new Error(`message ${id} is finished`);
      finished = true;
      const addresses = [envelope.sender, ...envelope.recipients];
      if (addresses.some((address) => address.length > addressBytesMax)) {
        return refuse({ verdict: 'D', text: 'envelope address too long for qq (#5.1.3)' });
      }
      if (envelope.recipients.length > recipientsMax) {
        return refuse({ verdict: 'D', text: `more than ${recipientsMax} recipients (#5.5.3)` });
      }
      // Chunks are answered in their order: when the last one is down, all are, or `failure` says otherwise.
      await lastChunk;
      if (failure !== undefined) return refuse(failure);
      try {
        await thread.apply({
          kind: 'accept',
          messageId: id,
          birthMs: nowMs,
          caller: String(origin.caller),
          host: origin.host,
          sender: envelope.sender,
          recipients: envelope.recipients,
          sizeBytes,
          index: chunksSent,
          bytes: chunk.slice(0, used),
        });
      } catch (error) {
        return refuse(refusal(error));
      }
      options.onAccepted({ id, birthMs: nowMs, sizeBytes, origin, envelope });
      return { verdict: 'K', text: '' };
    },
    abort() {
      if (finished) return;
      finished = true;
      forget();
    },
  };
}
