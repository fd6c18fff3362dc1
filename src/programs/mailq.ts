/** mailq: what sendmail -bp prints. */
import type { Manual } from '../manual/index.ts';
import type { Program } from './program.ts';
import { sendmail } from './sendmail.ts';

const manual: Manual = {
  name: 'mailq',
  section: 1,
  purpose: 'list the queue',
  synopsis: ['[OPTION ...]'],
  description: [
    'mailq lists the messages that wait on this machine, as sendmail -bp does. On a hub this is what qmail-qread prints. On a satellite it is the spool: a line for each message with when it was kept, its number, its size in bytes and its sender, and a line for each recipient. Behind the sender stands failed when it was set aside and will not be sent, sending while a flush is at work on it, and perhaps at, with the places of hubs that may have it. A machine without queue and spool says so and succeeds. It takes the options of sendmail.',
  ],
  exitCodes: [
    ['0', 'The queue was listed, or there is none.'],
    ['64', 'It was called wrongly.'],
  ],
  seeAlso: ['sendmail(1)', 'qmail-flush(8)', 'qmail-qread(8)'],
};

export const mailq: Program = {
  manual,
  run: (system, wiring) => sendmail.run({ ...system, args: ['-bp', ...system.args] }, wiring),
};
