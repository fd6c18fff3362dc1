/** One message on its way in, from DATA to its dot: what is counted of it, and why it may not be taken. */
import type { Envelope } from '../../mail/index.ts';
import { type Answer, errorText, printable } from '../../system/index.ts';
import { createDataDecoder, type DataState } from './data-decoder.ts';
import { createHopCounter } from './hop-counter.ts';
import type { SmtpSessionLimits } from './limits.ts';
import { replyOfAnswer, type SmtpReply } from './reply.ts';
import { texts } from './texts.ts';

/** Where a message goes. */
export interface SmtpSubmission {
  /** Bytes of the message, valid during the call only. A promise asks to wait for it before more is brought. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** The message is whole: takes responsibility for it, or says why not. */
  complete(envelope: Envelope): Promise<Answer>;
  /** The message is to be forgotten. */
  abandon(): void;
}

export interface Receiving {
  /** Takes bytes[from...] as far as they are the message's. `wait`, which never rejects, is for more to be brought. */
  feed(bytes: Uint8Array, from: number): Received;
  /** After `end`: what became of the message. Never rejects. */
  finish(envelope: Envelope): Promise<SmtpReply>;
  abandon(): void;
}

export interface Received {
  /** `excess`: it is much too large, and not read any further. */
  readonly state: DataState | 'excess';
  readonly end: number;
  readonly wait: Promise<void> | undefined;
}

/** What a submission throws, such as a full disk, is temporary. */
export function failureReply(error: unknown): SmtpReply {
  const text = `unable to take the message: ${printable(errorText(error))}`;
  return { code: 451, enhanced: '4.3.0', text };
}

export function createReceiving(submission: SmtpSubmission, limits: SmtpSessionLimits): Receiving {
  const hops = createHopCounter();
  let sizeBytes = 0;
  let refusal: SmtpReply | undefined;
  let wait: Promise<void> | undefined;

  /** What was written is dropped; what comes is read to its end. */
  function refuse(reply: SmtpReply): void {
    if (refusal !== undefined) return;
    refusal = reply;
    submission.abandon();
  }

  const decoder = createDataDecoder((bytes) => {
    sizeBytes += bytes.length;
    if (sizeBytes > limits.messageBytesMax) refuse(texts.tooLarge);
    if (refusal !== undefined) return;
    hops.feed(bytes);
    try {
      wait = submission.write(bytes)?.catch((error: unknown) => refuse(failureReply(error)));
    } catch (error) {
      refuse(failureReply(error));
    }
  });

  return {
    feed(bytes, from) {
      wait = undefined;
      const { state, end } = decoder.feed(bytes, from);
      const excess = state === 'more' && sizeBytes - limits.messageBytesMax > limits.excessBytesMax;
      return { state: excess ? 'excess' : state, end, wait };
    },
    async finish(envelope) {
      if (hops.hops >= limits.hopsMax) refuse(texts.looping);
      if (refusal !== undefined) return refusal;
      try {
        return replyOfAnswer(await submission.complete(envelope));
      } catch (error) {
        return failureReply(error);
      }
    },
    abandon() {
      if (refusal === undefined) submission.abandon();
    },
  };
}
