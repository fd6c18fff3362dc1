/** condredirect: sends a message elsewhere when a program says so, from a .qmail file (condredirect(1)). */
import { type Manual, usage } from '../manual/index.ts';
import { askProgram } from './condition.ts';
import { deliveryEnvironment } from './delivery-environment.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';
import { readMessageAgain } from './read-message.ts';
import { redirectMessage } from './redirect-message.ts';

const manual: Manual = {
  name: 'condredirect',
  section: 1,
  purpose: 'send a message elsewhere when a program says so',
  synopsis: ['NEWADDRESS PROGRAM [ARGUMENT ...]'],
  description: [
    'condredirect is for .qmail files. It runs PROGRAM, which finds the message on its descriptor 0. When PROGRAM exits with 0, the message is sent to NEWADDRESS with its own envelope sender, SENDER, and with the Delivered-To line of the delivery on top; then condredirect exits with 99, so that the lines after it in the .qmail file are not carried out. When PROGRAM exits with another code, condredirect does nothing.',
    'The message is read from its first byte, however much of it PROGRAM has read: descriptor 0 must be a file, as it is for programs that qmail-local runs.',
  ],
  environment: [
    ...deliveryEnvironment('SENDER', 'DTLINE'),
    ['PATH', 'Where PROGRAM is looked for, unless it has a slash.'],
    [
      'QMAILQUEUE',
      'A program that takes the message in place of the queue, by the contract of qmail-queue. Default: control/qmailqueue.',
    ],
    ['QMAILHOME', 'The directory that holds control/; /var/qmail without it.'],
  ],
  controls: [['qmailqueue', 'As the variable QMAILQUEUE.']],
  exitCodes: [
    ['0', 'PROGRAM does not want the message sent elsewhere, or there is no such program.'],
    ['99', 'The queue has taken the message for NEWADDRESS.'],
    ['100', 'It was called wrongly, SENDER or DTLINE is not set, or the queue refused the message for good.'],
    [
      '111',
      'PROGRAM exited with 111 or was ended by a signal, the message could not be read again, or the queue cannot take it now.',
    ],
  ],
  seeAlso: ['bouncesaying(1)', 'except(1)', 'forward(1)', 'qmail-local(8)'],
};

const exitUnchanged = 0;
const exitRedirected = 99;
const exitPermanent = 100;
const exitTemporary = 111;

export const condredirect: Program = {
  manual,
  run: async (system, wiring) => {
    const [address, ...command] = system.args;
    if (address === undefined || command.length === 0) {
      complain(system, 'condredirect', usage(manual));
      return exitPermanent;
    }
    const condition = askProgram(system, 'condredirect', command);
    if (condition !== 'holds') return condition === 'fails' ? exitUnchanged : exitTemporary;
    const sender = system.env('SENDER');
    const head = system.env('DTLINE');
    if (sender === undefined || head === undefined) {
      const name = sender === undefined ? 'SENDER' : 'DTLINE';
      complain(system, 'condredirect', `fatal: ${name} not set`);
      return exitPermanent;
    }
    return await redirectMessage(system, wiring, {
      caller: 'condredirect',
      envelope: { sender, recipients: [address] },
      head,
      message: readMessageAgain(system, 0),
      exitDone: exitRedirected,
    });
  },
};
