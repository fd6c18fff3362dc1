/** forward: sends a message on to other addresses, from a .qmail file (forward(1)). */
import type { Manual } from '../manual/index.ts';
import { deliveryEnvironment } from './delivery-environment.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';
import { readMessage } from './read-message.ts';
import { redirectMessage } from './redirect-message.ts';

const manual: Manual = {
  name: 'forward',
  section: 1,
  purpose: 'send a message on to other addresses',
  synopsis: ['ADDRESS ...'],
  description: [
    'forward is for .qmail files: "|forward ADDRESS ..." sends the message on descriptor 0 to each ADDRESS. It puts the Delivered-To line of the delivery on top, so that a loop is found, and gives the message to the queue with NEWSENDER as its envelope sender. It then says "qp" and the number under which the queue took it, or 0 where that is not told.',
    'Every argument is an address, as it is: nothing is completed, and one that begins with "-" is no option.',
  ],
  environment: [
    ...deliveryEnvironment('NEWSENDER', 'DTLINE'),
    [
      'QMAILQUEUE',
      'A program that takes the message in place of the queue, by the contract of qmail-queue. Default: control/qmailqueue.',
    ],
    ['QMAILHOME', 'The directory that holds control/; /var/qmail without it.'],
  ],
  controls: [['qmailqueue', 'As the variable QMAILQUEUE.']],
  exitCodes: [
    ['0', 'The queue has taken the message.'],
    ['100', 'NEWSENDER or DTLINE is not set, or the queue refused the message for good.'],
    ['111', 'The message could not be read, or the queue cannot take it now.'],
  ],
  bugs: ['Without any ADDRESS the message goes to nobody, and that is a success.'],
  seeAlso: ['condredirect(1)', 'qmail-local(8)', 'qmail-queue(8)'],
};

const exitPermanent = 100;

export const forward: Program = {
  manual,
  run: async (system, wiring) => {
    const sender = system.env('NEWSENDER');
    const head = system.env('DTLINE');
    if (sender === undefined || head === undefined) {
      const name = sender === undefined ? 'NEWSENDER' : 'DTLINE';
      complain(system, 'forward', `fatal: ${name} not set`);
      return exitPermanent;
    }
    return await redirectMessage(system, wiring, {
      caller: 'forward',
      envelope: { sender, recipients: system.args },
      head,
      message: readMessage(system, 0),
      exitDone: 0,
    });
  },
};
