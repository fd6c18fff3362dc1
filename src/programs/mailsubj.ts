/** mailsubj: sends a text with a subject, from scripts (mailsubj(1)). */
import { type Manual, usage } from '../manual/index.ts';
import { type ByteString, bytesOf } from '../system/index.ts';
import { prefixedInput } from './prefixed-input.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';
import { qmailInject } from './qmail-inject.ts';

const manual: Manual = {
  name: 'mailsubj',
  section: 1,
  purpose: 'send a text with a subject',
  synopsis: ['SUBJECT RECIPIENT ...'],
  description: [
    'mailsubj sends the text on descriptor 0 as the body of a message with this SUBJECT to each RECIPIENT. Recipients are written into the To field as they are, so a RECIPIENT may be in any form that a header allows, and is completed as qmail-inject does. A line break in SUBJECT or in a RECIPIENT becomes a blank: it cannot begin another field.',
    'It reads the variables and control files of qmail-inject.',
  ],
  exitCodes: [
    ['0', 'The queue has taken the message.'],
    ['100', 'It was called wrongly, or the queue refused the message for good.'],
    ['111', 'The queue cannot take the message now, or something could not be read. Try again.'],
  ],
  bugs: [
    'When no RECIPIENT is named, or none of them is an address, the queue gets a message to nobody, and forgets it.',
  ],
  seeAlso: ['qmail-inject(8)', 'sendmail(1)'],
};

const exitUsage = 100;

/** A line end would end the field, and what follows would be read as another one. */
function inOneLine(text: ByteString): ByteString {
  return text.replaceAll('\n', ' ').replaceAll('\r', ' ');
}

export const mailsubj: Program = {
  manual,
  run: async (system, wiring) => {
    const [subject, ...recipients] = system.args;
    if (subject === undefined) {
      complain(system, 'mailsubj', usage(manual));
      return exitUsage;
    }
    const to = ['To:', ...recipients.map(inOneLine)].join(' ');
    const header = `Subject: ${inOneLine(subject)}\n${to}\n\n`;
    return await qmailInject.run({ ...prefixedInput(system, bytesOf(header)), args: [] }, wiring);
  },
};
