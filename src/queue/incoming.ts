/** A message on its way into the queue: its bytes gathered into bounded chunks, its envelope last. */
import { type Envelope, receivedByQueue } from '../mail/index.ts';
import { counter, counters } from '../process/index.ts';
import { type Answer, type ByteString, bytesOf, verdicts } from '../system/index.ts';
import { createChunker } from './chunker.ts';
import { createFingerprint } from './fingerprint.ts';
import type { IncomingMessage, Origin } from './intake.ts';
import { createMessageIdScanner } from './message-id-scanner.ts';
import { keysPerMessage } from './schema.ts';
import { StoreError, type StoreThread } from './store-thread.ts';

/** Recipients of one message; a key has room for one more. */
export const recipientsMax = keysPerMessage - 1;

/** Bytes of one address, as in qmail-queue. */
export const addressBytesMax = 1002;

const accepted = counter('mini_qmail_messages_accepted_total', 'Messages taken into the queue, bounces too.');
const acceptedBytes = counter(
  'mini_qmail_message_bytes_accepted_total',
  'Bytes of the messages that were taken, with the Received lines added here.',
);
const acceptedRecipients = counter(
  'mini_qmail_recipients_accepted_total',
  'Recipients of the messages that were taken.',
);
const repeated = counter(
  'mini_qmail_messages_repeated_total',
  'Submissions that were answered as a message that they had become before.',
);
const refused = counters(
  'mini_qmail_messages_refused_total',
  'Messages that the queue refused at their end: Z for now, D for ever.',
  { verdict: verdicts },
);

/** A full disk may keep a message from being deleted: it is tried again after this. */
const dropRetryMs = 1000;

export interface Accepted {
  readonly id: number;
  readonly birthMs: number;
  readonly sizeBytes: number;
  readonly origin: Origin;
  readonly envelope: Envelope;
  readonly headerMessageId: ByteString;
  readonly rank: number;
}

export interface IncomingOptions {
  readonly id: number;
  readonly origin: Origin;
  readonly nowMs: number;
  readonly thread: StoreThread;
  /** How long the submission is remembered; 0 for not at all. */
  readonly memoryMs: number;
  /** The message whose bounce this is, which goes when this one is in. */
  readonly replaces?: number | undefined;
  /** Messages that are in the store, or may be, before `onAccepted` or `onRepeated` has told of them. */
  readonly arriving: Set<number>;
  /** The place of a message of that host in the order of first attempts. */
  rankFor(host: string): number;
  /** Called when the message is on stable storage, before its answer is given. */
  onAccepted(accepted: Accepted): void;
  /** Called when the same submission was taken before, as message `before`: this one is not in the queue. */
  onRepeated(again: Accepted, before: number): void;
}

function refusal(error: unknown): Answer {
  if (!(error instanceof StoreError)) throw error;
  return { verdict: 'Z', text: `qq write error or disk full (#4.3.0): ${error.message}` };
}

/** What the queue will never take. */
function unacceptable(envelope: Envelope): Answer | undefined {
  if ([envelope.sender, ...envelope.recipients].some((address) => address.length > addressBytesMax)) {
    return { verdict: 'D', text: 'envelope address too long for qq (#5.1.3)' };
  }
  if (envelope.recipients.length > recipientsMax) {
    return { verdict: 'D', text: `more than ${recipientsMax} recipients (#5.5.3)` };
  }
  return undefined;
}

export function createIncoming(options: IncomingOptions): IncomingMessage {
  const { id, origin, nowMs, thread } = options;
  const fingerprint = options.memoryMs > 0 ? createFingerprint() : undefined;
  const scanner = createMessageIdScanner();
  const chunker = createChunker();
  let failure: Answer | undefined;
  let finished = false;
  let lastChunk: Promise<void> | undefined;

  function append(bytes: Uint8Array): void {
    const full = chunker.append(bytes);
    for (const chunk of full) {
      if (failure !== undefined) return;
      lastChunk = thread.apply({ kind: 'chunk', messageId: id, ...chunk }).then(
        () => undefined,
        (error: unknown) => {
          if (failure !== undefined) return;
          failure = refusal(error);
          // Whoever sends it may take long to end it, and the disk may be full.
          drop();
        },
      );
    }
  }

  /** What cannot be deleted until this process ends is swept at the next start. */
  function drop(): void {
    if (lastChunk === undefined) return;
    thread.apply({ kind: 'drop', messageId: id }).catch(() => setTimeout(drop, dropRetryMs).unref());
  }

  function refuse(answer: Answer): Answer {
    if (failure === undefined) drop();
    refused.with({ verdict: answer.verdict }).add();
    return answer;
  }

  async function accept(envelope: Envelope): Promise<Answer> {
    const headerMessageId = scanner.found;
    const memory =
      fingerprint === undefined || headerMessageId === ''
        ? undefined
        : { key: fingerprint.key(envelope, headerMessageId), expiresMs: nowMs + options.memoryMs };
    const rank = options.rankFor(origin.host);
    const last = chunker.last();
    options.arriving.add(id);
    const committed = thread.apply({
      kind: 'accept',
      messageId: id,
      birthMs: nowMs,
      caller: String(origin.caller),
      host: origin.host,
      sender: envelope.sender,
      recipients: envelope.recipients,
      sizeBytes: chunker.sizeBytes,
      headerMessageId,
      rank,
      ...last,
      memory,
      replaces: options.replaces,
    });
    let before: number;
    try {
      before = await committed;
    } finally {
      // Told of below, before anything else can run.
      options.arriving.delete(id);
    }
    const { sizeBytes } = chunker;
    const message = { id, birthMs: nowMs, sizeBytes, origin, envelope, headerMessageId, rank };
    if (before !== 0) {
      repeated.add();
      options.onRepeated(message, before);
      return { verdict: 'K', text: `ok ${Math.floor(nowMs / 1000)} qp ${before}` };
    }
    accepted.add();
    acceptedBytes.add(sizeBytes);
    acceptedRecipients.add(envelope.recipients.length);
    options.onAccepted(message);
    return { verdict: 'K', text: '' };
  }

  append(bytesOf(`${receivedByQueue(id, origin.caller, nowMs)}${origin.received ?? ''}`));

  return {
    id,
    write(bytes) {
      scanner.feed(bytes);
      fingerprint?.update(bytes);
      append(bytes);
      return thread.drained();
    },
    async commit(envelope) {
      if (finished) throw new Error(`message ${id} is finished`);
      finished = true;
      const never = unacceptable(envelope);
      if (never !== undefined) return refuse(never);
      // Chunks are answered in their order: when the last one is down, all are, or `failure` says otherwise.
      await lastChunk;
      if (failure !== undefined) return refuse(failure);
      try {
        return await accept(envelope);
      } catch (error) {
        return refuse(refusal(error));
      }
    },
    abort() {
      if (finished) return;
      finished = true;
      drop();
    },
  };
}
