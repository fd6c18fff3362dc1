/** Forwards of one delivery: one message to the queue, with the Delivered-To line on top that tells loops. */
import { createSpill, type QueueOutcome, queueNumber } from '../submit/index.ts';
import { type Answer, type ByteString, bytesOf, printable } from '../system/index.ts';
import type { LocalJob, LocalMeans } from './job.ts';
import { deferral, reasonOf, rejection } from './report.ts';

/** Characters of the queue's text that are passed on. */
const queueTextMax = 1000;

export type Forwarded =
  | { readonly ok: true; readonly qp: ByteString }
  | { readonly ok: false; readonly answer: Answer };

function forwardedBy({ answer: { verdict, text } }: QueueOutcome): Forwarded {
  const problem = `Unable to forward message: ${printable(text, queueTextMax)}.`;
  switch (verdict) {
    case 'K':
      return { ok: true, qp: queueNumber(text) };
    case 'Z':
      return { ok: false, answer: deferral(problem) };
    case 'D':
      return { ok: false, answer: rejection(problem) };
  }
}

/** `head` is put on top of the message. */
export async function forward(
  { body }: Pick<LocalJob, 'body'>,
  { system, queue }: LocalMeans,
  head: ByteString,
  sender: ByteString,
  recipients: readonly ByteString[],
): Promise<Forwarded> {
  const message = createSpill(system);
  try {
    message.write(bytesOf(head));
    for (const chunk of body.chunks()) message.write(chunk);
    return forwardedBy(await queue(system, message, { sender, recipients }));
  } catch (error) {
    return { ok: false, answer: deferral(`Unable to forward message: ${reasonOf(error)}. (#4.3.0)`) };
  } finally {
    message.close();
  }
}
