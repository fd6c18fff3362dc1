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
import type { Answer, ByteString, System } from '../system/index.ts';
import type { SerialClient } from './send-maildir.ts';
import { reportText, sendOutgoing, serialAnswer } from './serial-outgoing.ts';

export interface SerialDelivery {
  readonly system: System;
  readonly sender: MailSender;
  readonly destination: Destination;
  readonly settings: RemoteSettings;
  /** What recipients in the Maildir begin with, and the host does not know of. */
  readonly prefix: ByteString;
}

export function createSerialDelivery(delivery: SerialDelivery): SerialClient {
  const { system, sender, destination, settings, prefix } = delivery;
  let kept: Connection | undefined;

  /** `isDown`: nothing is to be had there now. */
  const send = (path: ByteString): Promise<Answer & { readonly isDown?: boolean }> =>
    sendOutgoing(system, path, prefix, async (outgoing) => {
      const { delivered, connection } = await sendMail(sender, destination, outgoing, settings, kept);
      kept = connection;
      const answer = serialAnswer(delivered);
      const isDown = answer.verdict === 'Z' && connection === undefined && delivered.recipients.length === 0;
      return { ...answer, isDown };
    });

  return async ({ directory, names, take }) => {
    let down: Answer | undefined;
    try {
      for (const name of names) {
        const answer = down ?? (await send(`${directory}/${name}`));
        if ('isDown' in answer && answer.isDown === true) down = answer;
        await take({ name, verdict: answer.verdict, text: reportText(answer.text) });
      }
      return 0;
    } finally {
      kept?.close();
      kept = undefined;
    }
  };
}
