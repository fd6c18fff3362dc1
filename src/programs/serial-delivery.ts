/**
 * A client of maildirserial within this process: sends messages of a Maildir to one host, one after the other, over a
 * connection that is kept as long as the host keeps it. When the host cannot be reached, none of the others is tried.
 */
import {
  type Connection,
  type Destination,
  type MailSender,
  type RemoteSettings,
  sendMail,
} from '../remote/index.ts';
import { type Answer, type ByteString, errorText, type System } from '../system/index.ts';
import type { SerialClient } from './send-maildir.ts';
import { bodyBehind, readSerialMessage } from './serial-message.ts';

export interface SerialDelivery {
  readonly system: System;
  readonly sender: MailSender;
  readonly destination: Destination;
  readonly settings: RemoteSettings;
  /** What recipients in the Maildir begin with, and the host does not know of. */
  readonly prefix: ByteString;
}

/** What is said of one recipient, in one line. */
function lineOf(text: ByteString): ByteString {
  return text.trim().replaceAll('\n', '/');
}

export function createSerialDelivery(delivery: SerialDelivery): SerialClient {
  const { system, sender, destination, settings, prefix } = delivery;
  let kept: Connection | undefined;

  /** `isDown`: nothing is to be had there now. */
  async function send(path: ByteString): Promise<Answer & { readonly isDown: boolean }> {
    const descriptor = system.files.open(path, 'read');
    try {
      const head = readSerialMessage(system, descriptor);
      if (head?.sender === undefined) {
        const text = 'it does not begin with Return-Path and Delivered-To lines';
        return { verdict: 'Z', text, isDown: false };
      }
      const { sizeBytes } = system.files.status(path);
      const recipient = head.recipient.slice(prefix.length);
      const body = bodyBehind(system, descriptor, head.headBytes, sizeBytes);
      const outgoing = { sender: head.sender, recipients: [recipient], body };
      const { delivered, connection } = await sendMail(sender, destination, outgoing, settings, kept);
      kept = connection;
      const [first = delivered.message] = delivered.recipients;
      const answer = first.verdict === 'K' ? delivered.message : first;
      const isDown = answer.verdict === 'Z' && connection === undefined && delivered.recipients.length === 0;
      return { ...answer, isDown };
    } finally {
      system.files.close(descriptor);
    }
  }

  return async ({ directory, names, take }) => {
    let down: Answer | undefined;
    try {
      for (const name of names) {
        if (down === undefined) {
          let answer: Answer & { readonly isDown: boolean };
          try {
            answer = await send(`${directory}/${name}`);
          } catch (error) {
            answer = { verdict: 'Z', text: errorText(error), isDown: false };
          }
          if (answer.isDown) down = answer;
          await take({ name, verdict: answer.verdict, text: lineOf(answer.text) });
        } else await take({ name, verdict: down.verdict, text: lineOf(down.text) });
      }
      return 0;
    } finally {
      kept?.close();
      kept = undefined;
    }
  };
}
