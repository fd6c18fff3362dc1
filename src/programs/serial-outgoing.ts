/** A message in a Maildir as its client sends it, and what became of it as its client reports it. */
import { asLeaving, type Delivered, type Outgoing } from '../remote/index.ts';
import { type Answer, type ByteString, errorText, type System } from '../system/index.ts';
import { bodyBehind, readSerialMessage } from './serial-message.ts';

/**
 * Opens the message and has it sent: without its first two lines, and to its recipient without `prefix`. Answers with what
 * `send` does, or why it was not called.
 */
export async function sendOutgoing<Result>(
  system: System,
  path: ByteString,
  prefix: ByteString,
  send: (outgoing: Outgoing) => Promise<Result>,
): Promise<Result | Answer> {
  let descriptor: number | undefined;
  try {
    descriptor = system.files.open(path, 'read');
    const head = readSerialMessage(system, descriptor);
    if (head?.sender === undefined)
      return { verdict: 'Z', text: 'it does not begin with Return-Path and Delivered-To lines' };
    if (!head.recipient.startsWith(prefix))
      return { verdict: 'Z', text: 'the address in its Delivered-To line does not begin with the prefix' };
    const { sizeBytes } = system.files.status(path);
    const recipients = [head.recipient.slice(prefix.length)];
    const body = bodyBehind(system, descriptor, head.headBytes, sizeBytes);
    return await send(asLeaving({ sender: head.sender, recipients, body }));
  } catch (error) {
    return { verdict: 'Z', text: errorText(error) };
  } finally {
    if (descriptor !== undefined) system.files.close(descriptor);
  }
}

/** Of a message with one recipient. */
export function serialAnswer({ recipients, message }: Delivered): Answer {
  const [first = message] = recipients;
  return first.verdict === 'K' ? message : first;
}

/** What is said of a message, in one line. */
export function reportText(text: ByteString): ByteString {
  return text.trim().replaceAll('\n', '/');
}
