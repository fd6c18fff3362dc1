/** maildir2mbox: moves mail from a Maildir to an mbox, for mail readers that know no Maildirs (maildir2mbox(1)). */
import { type Manual, usage } from '../manual/index.ts';
import { type ByteString, errorText, printable, type System } from '../system/index.ts';
import { moveToMbox } from './move-to-mbox.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

/** How long another program may hold the lock of the mbox. */
const lockSecondsMax = 300;

const manual: Manual = {
  name: 'maildir2mbox',
  section: 1,
  purpose: 'move mail from a Maildir to an mbox',
  synopsis: [''],
  description: [
    'maildir2mbox moves the messages in the Maildir MAILDIR, the oldest first, to the end of the mbox MAIL. It is called before a mail reader that knows no Maildirs.',
    'Under the lock of MAIL (flock) it writes a copy of MAIL with the new messages to MAILTMP, puts it on stable storage, gives it the name MAIL, and only then removes the messages from MAILDIR. A crash at any moment leaves MAIL as it was or complete; after the second a message may still be in MAILDIR, and will be moved again.',
    'A line that looks like the beginning of a message gets a ">" in front (mboxrd). Files under MAILDIR/tmp that nobody has touched for 36 hours are removed.',
  ],
  environment: [
    ['MAILDIR', 'The Maildir.'],
    ['MAIL', 'The mbox, made when it is missing. A relative path counts from MAILDIR.'],
    [
      'MAILTMP',
      'A name for the copy, in the same file system as MAIL. A file of this name is replaced. A relative path counts from MAILDIR.',
    ],
  ],
  exitCodes: [
    ['0', 'The messages were moved, or there were none.'],
    ['100', 'It was called wrongly.'],
    [
      '111',
      'Nothing was removed from MAILDIR: a variable is not set, something could not be read or written, or another program holds the lock.',
    ],
  ],
  limits: [
    ['lock', `An mbox that another program has locked for ${lockSecondsMax} seconds is given up for now.`],
  ],
  bugs: [
    'A mail reader that does not lock MAIL with flock may lose mail.',
    'Where MAIL is a symbolic link, the new mbox takes the place of the link.',
    'With Node the lock needs the program flock of util-linux.',
  ],
  seeAlso: ['maildirmake(1)', 'maildirwatch(1)', 'qmail-local(8)'],
};

const exitUsage = 100;
const exitTemporary = 111;

const variables = ['MAIL', 'MAILTMP', 'MAILDIR'] as const;

function fromDirectory(directory: ByteString, path: ByteString): ByteString {
  return path.startsWith('/') ? path : `${directory}/${path}`;
}

function move(system: System): readonly string[] {
  const [mail = '', temporary = '', maildir = ''] = variables.map((name) => {
    const value = system.env(name);
    if (!value) throw new Error(`${name} not set`);
    return value;
  });
  return moveToMbox(system, {
    maildir,
    mbox: fromDirectory(maildir, mail),
    temporary: fromDirectory(maildir, temporary),
    lockMs: lockSecondsMax * 1000,
  });
}

export const maildir2mbox: Program = {
  manual,
  run: async (system) => {
    if (system.args.length > 0) {
      complain(system, 'maildir2mbox', usage(manual));
      return exitUsage;
    }
    try {
      for (const warning of move(system)) complain(system, 'maildir2mbox', `warning: ${printable(warning)}`);
      return 0;
    } catch (error) {
      complain(system, 'maildir2mbox', `fatal: ${printable(errorText(error))}`);
      return exitTemporary;
    }
  },
};
