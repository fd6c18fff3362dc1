/** maildirsmtp: sends the mail in a Maildir to a host by SMTP, over a link that is not always there. */
import type { Manual } from '../manual/index.ts';
import type { Program } from './program.ts';
import {
  linkControls,
  linkDescription,
  linkExitCodes,
  linkLifetimeSeconds,
  runSerialLink,
} from './serial-link.ts';

const manual: Manual = {
  name: 'maildirsmtp',
  section: 1,
  purpose: 'send the mail in a Maildir by SMTP',
  synopsis: ['DIRECTORY PREFIX HOST HELO'],
  description: [
    'maildirsmtp sends the messages in the Maildir DIRECTORY to HOST, to which it calls itself HELO. HOST is a name or an address, with :PORT behind it if that is not 25, and may have words of a route behind it, in the same argument, as in control/smtproutes of qmail-remote(8).',
    ...linkDescription,
  ],
  environment: [
    ['QMAILQUEUE', 'A program that takes bounces in place of the queue.'],
    ['QMAILHOME', 'The directory that holds control/; /var/qmail without it.'],
  ],
  controls: linkControls,
  exitCodes: linkExitCodes,
  limits: [['age of a message that fails', `${linkLifetimeSeconds} seconds`]],
  seeAlso: ['maildirqmtp(1)', 'maildirserial(1)', 'qmail-remote(8)', 'serialsmtp(1)'],
};

export const maildirsmtp: Program = {
  manual,
  run: (system, wiring) => runSerialLink(system, wiring, { manual, protocol: 'smtp', helo: true }),
};
