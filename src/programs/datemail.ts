/** datemail: sendmail with a Date field of the local time zone (datemail(1)). */
import type { Manual } from '../manual/index.ts';
import { bytesOf } from '../system/index.ts';
import { localDateField } from './local-date.ts';
import { prefixedInput } from './prefixed-input.ts';
import type { Program } from './program.ts';
import { sendmail } from './sendmail.ts';

const manual: Manual = {
  name: 'datemail',
  section: 1,
  purpose: 'send a message with a Date field of the local time zone',
  synopsis: ['[OPTION ...] [RECIPIENT ...]'],
  description: [
    'datemail is sendmail, with its options, recipients and exit codes, on the message on descriptor 0 with a Date field in front of it, which shows the time of now in the local time zone.',
  ],
  environment: [['TZ', 'The time zone; that of the machine without it.']],
  exitCodes: [
    ['0', 'The queue has taken the message.'],
    ['64 to 78', 'It was not sent, for the reason that sendmail gives this code to.'],
  ],
  seeAlso: ['predate(1)', 'sendmail(1)'],
};

export const datemail: Program = {
  manual,
  run: (system, wiring) => sendmail.run(prefixedInput(system, bytesOf(localDateField(system))), wiring),
};
