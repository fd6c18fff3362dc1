/** maildirserial: sends the mail in a Maildir over a link that is not always there (maildirserial(1)). */
import { openControl } from '../control/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { chooseQueue } from '../submit/index.ts';
import { type ByteString, errorText, printable } from '../system/index.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';
import { sendMaildir } from './send-maildir.ts';
import { bounceSerialMessage, readSerialBounceSettings } from './serial-bounce.ts';
import { runSerialClient } from './serial-client.ts';
import { serialNameBytesMax, serialTextBytesMax } from './serial-report.ts';

const manual: Manual = {
  name: 'maildirserial',
  section: 1,
  purpose: 'send the mail in a Maildir',
  synopsis: ['[-b] [-t LIFETIME] DIRECTORY PREFIX CLIENT [ARGUMENT ...]'],
  description: [
    'maildirserial gives the messages in the Maildir DIRECTORY to CLIENT, the oldest first. A message must begin with Return-Path and Delivered-To lines, as qmail-local writes them, and the address in its Delivered-To line must begin with PREFIX, which may be empty.',
    'CLIENT runs in DIRECTORY. It reads the names of messages on descriptor 0, each with a NUL behind it, sends what it can, and reports on descriptor 1 of each message: its name, a NUL, a letter, a text and a line end. K: the message was sent; maildirserial removes it. D: it never will be. Z: it may be later. CLIENT need not report on all of them: it is run again as long as there are messages that it has not reported on and it reports on some of them.',
    'What becomes of each message is written to descriptor 2. A message that failed stays in DIRECTORY for the next time, unless it is bounced. Only one maildirserial should work on a DIRECTORY at a time; flock(1) sees to that.',
  ],
  options: [
    {
      letter: 'b',
      name: 'bounce',
      letterOnly: true,
      text: 'Bounce messages that are given up to their senders, and remove them. The bounce of a bounce goes to the address of double bounces; the bounce of that is dropped.',
    },
    {
      letter: 't',
      name: 'lifetime',
      value: 'LIFETIME',
      letterOnly: true,
      text: 'Give a message up that fails for now and has been in DIRECTORY for more than LIFETIME seconds.',
    },
  ],
  environment: [
    ['PATH', 'Where CLIENT is looked for, unless it has a slash.'],
    [
      'QMAILQUEUE',
      'A program that takes bounces in place of the queue, by the contract of qmail-queue. Default: control/qmailqueue.',
    ],
    ['QMAILHOME', 'The directory that holds control/; /var/qmail without it.'],
  ],
  controls: [
    ['me', 'The name of this host.'],
    ['bouncefrom', 'The user in the From field of a bounce. Default: MAILER-DAEMON.'],
    ['bouncehost', 'The host in it. Default: control/me.'],
    [
      'bouncemaxbytes',
      'Messages of more bytes are bounced with their header only; 0 for no limit. Default: 65536.',
    ],
    ['doublebounceto', 'The user who gets bounces of bounces. Default: postmaster.'],
    ['doublebouncehost', 'The host of that user. Default: control/me.'],
    ['qmailqueue', 'As the variable QMAILQUEUE.'],
  ],
  exitCodes: [
    ['0', 'Each message was sent or bounced, or there was none.'],
    ['100', 'It was called wrongly, or CLIENT exited with 100.'],
    ['111', 'Some messages are still there, or CLIENT cannot be run, crashed, or reports nothing.'],
  ],
  limits: [
    ['serialNameBytesMax', `${serialNameBytesMax} bytes of a name in a report.`],
    ['serialTextBytesMax', `${serialTextBytesMax} bytes of the text of a report; more are left out.`],
  ],
  seeAlso: ['maildirmake(1)', 'qmail-local(8)', 'qmail-send(8)', 'serialqmtp(1)', 'serialsmtp(1)'],
};

const exitUsage = 100;
const exitTemporary = 111;

/** Seconds as milliseconds; undefined when it is no number. */
function lifetimeOf(text: string): number | undefined {
  for (const character of text) if (character < '0' || character > '9') return undefined;
  return text === '' ? undefined : Number(text) * 1000;
}

export const maildirserial: Program = {
  manual,
  run: async (system, wiring) => {
    const fail = (exitCode: number, text: string): number => {
      complain(system, 'maildirserial', text);
      return exitCode;
    };
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok) return fail(exitUsage, `${parsed.problem}\n${usage(manual)}`);
    const { line } = parsed;
    const [directory, prefix, ...command] = line.operands;
    const lifetime = line.value('lifetime');
    const lifetimeMs = lifetime === undefined ? undefined : lifetimeOf(lifetime);
    const isWrong = directory === undefined || prefix === undefined || command.length === 0;
    if (isWrong || (lifetime !== undefined && lifetimeMs === undefined))
      return fail(exitUsage, usage(manual));
    try {
      const settings = readSerialBounceSettings(openControl(system), prefix);
      const queue = chooseQueue(system, wiring.queue);
      const bounce = (path: ByteString, report: ByteString) =>
        bounceSerialMessage(system, queue, settings, { path, report });
      return await sendMaildir(system, {
        directory,
        prefix,
        client: (run) => runSerialClient({ command, ...run }),
        lifetimeMs,
        bounce: line.has('bounce') ? bounce : undefined,
        say: (text) => complain(system, 'maildirserial', text),
      });
    } catch (error) {
      return fail(exitTemporary, `fatal: ${printable(errorText(error))}`);
    }
  },
};
