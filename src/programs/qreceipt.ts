/** qreceipt: tells a sender who asked for it that the message was delivered (qreceipt(1)). */
import { readReceiptRequest } from '../inject/index.ts';
import { addressInLine, quoteAddress } from '../mail/index.ts';
import { type Manual, usage } from '../manual/index.ts';
import { chooseQueue, createSpill, type QueueOutcome } from '../submit/index.ts';
import { type ByteString, bytesOf, printable, type System } from '../system/index.ts';
import { deliveryEnvironment } from './delivery-environment.ts';
import { complain } from './print.ts';
import type { Program, Wiring } from './program.ts';
import { readMessage } from './read-message.ts';

const manual: Manual = {
  name: 'qreceipt',
  section: 1,
  purpose: 'answer a request for a delivery notice',
  synopsis: ['ADDRESS'],
  description: [
    'qreceipt is for .qmail files: "|qreceipt ADDRESS" looks for ADDRESS in the Notice-Requested-Upon-Delivery-To field of the message on descriptor 0. Where it is, a message that says that ADDRESS got the message goes to SENDER. ADDRESS must be in the field as it is, in the same case.',
    'The notice has no envelope sender, so that it is never bounced, and none is sent for a bounce. It names the Message-ID.',
  ],
  environment: [
    ...deliveryEnvironment('SENDER'),
    [
      'QMAILQUEUE',
      'A program that takes the notice in place of the queue, by the contract of qmail-queue. Default: control/qmailqueue.',
    ],
    ['QMAILHOME', 'The directory that holds control/; /var/qmail without it.'],
  ],
  controls: [['qmailqueue', 'As the variable QMAILQUEUE.']],
  exitCodes: [
    ['0', 'The queue has taken the notice, or none was asked for.'],
    [
      '100',
      'It was called wrongly, SENDER is not set, the field cannot be parsed, or the queue refused the notice for good.',
    ],
    ['111', 'The message could not be read, or the queue cannot take the notice now.'],
  ],
  bugs: [
    'A notice tells whoever sends mail that there is such an address, and that it is read by a program.',
  ],
  seeAlso: ['qmail-local(8)'],
};

const exitDone = 0;
const exitPermanent = 100;
const exitTemporary = 111;

/** The senders of bounces and of bounces of bounces: nobody there waits for a notice. */
const bounceSenders: readonly ByteString[] = ['', '#@[]'];

function notice(sender: ByteString, address: ByteString, messageId: ByteString | undefined): ByteString {
  const to = quoteAddress(addressInLine(sender));
  return (
    `From: DELIVERY NOTICE SYSTEM <${to}>\nTo: <${to}>\nSubject: success notice\n\n` +
    'This is the qreceipt program. You asked to be told when your message is\n' +
    `delivered: it was, to ${address}.\n${messageId === undefined ? '' : `\n${messageId}`}`
  );
}

async function send(
  system: System,
  wiring: Wiring,
  sender: ByteString,
  text: ByteString,
): Promise<QueueOutcome> {
  const message = createSpill(system);
  try {
    message.write(bytesOf(text));
    const queue = chooseQueue(system, wiring.queue);
    return await queue(system, message, { sender: '', recipients: [sender] });
  } finally {
    message.close();
  }
}

export const qreceipt: Program = {
  manual,
  run: async (system, wiring) => {
    const fail = (exitCode: number, text: string): number => {
      complain(system, 'qreceipt', text);
      return exitCode;
    };
    const [address] = system.args;
    const sender = system.env('SENDER');
    if (address === undefined) return fail(exitPermanent, usage(manual));
    if (sender === undefined) return fail(exitPermanent, 'fatal: SENDER not set');
    const request = readReceiptRequest(readMessage(system, 0), address);
    if (!request.ok) {
      return fail(exitPermanent, `fatal: unable to parse this: ${printable(request.field)}`);
    }
    if (!request.isRequested || bounceSenders.includes(sender)) return exitDone;
    const { answer } = await send(system, wiring, sender, notice(sender, address, request.messageId));
    if (answer.verdict === 'K') return exitDone;
    const exitCode = answer.verdict === 'D' ? exitPermanent : exitTemporary;
    return fail(exitCode, `fatal: ${printable(answer.text)}`);
  },
};
