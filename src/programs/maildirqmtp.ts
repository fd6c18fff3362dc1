/** maildirqmtp: sends the mail in a Maildir to a host by QMTP, over a link that is not always there. */
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
  name: 'maildirqmtp',
  section: 1,
  purpose: 'send the mail in a Maildir by QMTP',
  synopsis: ['DIRECTORY PREFIX HOST'],
  description: [
    'maildirqmtp sends the messages in the Maildir DIRECTORY to HOST: a name or an address, with :PORT behind it if that is not 209.',
    ...linkDescription,
  ],
  environment: [
    ['QMAILQUEUE', 'A program that takes bounces in place of the queue.'],
    ['QMAILHOME', 'The directory that holds control/; /var/qmail without it.'],
  ],
  controls: linkControls,
  exitCodes: linkExitCodes,
  limits: [['age of a message that fails', `${linkLifetimeSeconds} seconds`]],
  seeAlso: ['maildirsmtp(1)', 'maildirserial(1)', 'qmail-qmtpd(8)', 'serialqmtp(1)'],
};

export const maildirqmtp: Program = {
  manual,
  run: (system, wiring) => runSerialLink(system, wiring, { manual, protocol: 'qmtp', helo: false }),
};
