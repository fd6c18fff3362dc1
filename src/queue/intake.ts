/**
 * The way into the queue. A message's bytes are handed over while they arrive, its envelope at the end; the answer
 * comes when both are on stable storage, together with every other message that arrived in the meantime.
 */
import type { Envelope, QueueCaller } from '../mail/index.ts';
import type { Answer, ByteString } from '../system/index.ts';

/** Who submits a message. */
export interface Origin {
  /** Goes into the Received field that the queue writes. */
  readonly caller: QueueCaller;
  /** The submitting host, '' for this one. */
  readonly host: string;
  /** A Received field of the server that took the message, '' for none. It is no part of what the client sent. */
  readonly received?: ByteString;
}

/** A message on its way into the queue. */
export interface IncomingMessage {
  /** The message's number in the queue and in the log. */
  readonly id: number;
  /**
   * Appends bytes; the array may be used again as soon as this returns. A promise asks the caller to wait for it
   * before it brings more: the disk is behind.
   */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /**
   * Makes the message durable with its envelope. K: done; a text then names the earlier message that the same
   * submission became. Z: the queue could not take it. D: it never will.
   */
  commit(envelope: Envelope): Promise<Answer>;
  /** Forgets the message. */
  abort(): void;
}

export interface Intake {
  begin(origin: Origin): IncomingMessage;
}
