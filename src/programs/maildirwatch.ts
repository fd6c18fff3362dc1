/** maildirwatch: shows the new mail in a Maildir, again and again (maildirwatch(1)). */
import { type Manual, usage } from '../manual/index.ts';
import {
  type ByteString,
  bytesOf,
  type Descriptor,
  errorText,
  printable,
  type System,
} from '../system/index.ts';
import { cleanMaildir, scanMaildir } from './maildir-scan.ts';
import { plain, summarise } from './message-summary.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';
import { readMessage } from './read-message.ts';
import { runChild } from './run-child.ts';

/** How long it waits before it looks again. */
const intervalSeconds = 30;

/** Bytes of subject and body that are shown of one message. */
const textBytesMax = 158;

const manual: Manual = {
  name: 'maildirwatch',
  section: 1,
  purpose: 'show the new mail in a Maildir',
  synopsis: [''],
  description: [
    `maildirwatch shows the messages in MAILDIR/new on a terminal, the oldest first: envelope sender and recipient, the From field, and the beginning of subject and body. It looks again every ${intervalSeconds} seconds, until it is ended, by Ctrl-C for example.`,
    'Bytes that are no printable ASCII characters are replaced, so that a message cannot steer the terminal. Files under MAILDIR/tmp that nobody has touched for 36 hours are removed.',
  ],
  environment: [
    ['MAILDIR', 'The Maildir.'],
    ['PATH', 'Where the program sleep is looked for.'],
  ],
  exitCodes: [
    ['100', 'It was called wrongly.'],
    ['111', 'MAILDIR is not set or cannot be read, or there is nobody to show it to any more.'],
  ],
  seeAlso: ['maildir2mbox(1)', 'maildirmake(1)'],
};

const exitUsage = 100;
const exitTemporary = 111;

/** VT100: to the first line, and nothing below it; letters in bold, and no longer. */
const clearScreen = '\x1b[;H\x1b[;J';
const bold = '\x1b[1m';
const notBold = '\x1b[0m';

/** undefined: another program has taken it meanwhile. */
function openMessage(system: System, path: ByteString): Descriptor | undefined {
  try {
    return system.files.open(path, 'read');
  } catch {
    return undefined;
  }
}

function paragraph(system: System, descriptor: Descriptor): string {
  const { returnPath = '?', deliveredTo = '?', from, text } = summarise(readMessage(system, descriptor));
  const author = from === undefined ? '' : `${bold}${plain(from, '/')}${notBold}\n`;
  const head = `FROM ${plain(returnPath, '?')} TO <${plain(deliveredTo, '?')}>\n`;
  return `${head}${author}${plain(text.slice(0, textBytesMax), '/')}\n\n`;
}

function screen(system: System, maildir: ByteString): string {
  cleanMaildir(system, maildir);
  let shown = clearScreen;
  for (const { path } of scanMaildir(system, maildir, ['new'])) {
    const descriptor = openMessage(system, path);
    if (descriptor === undefined) continue;
    try {
      shown += paragraph(system, descriptor);
    } finally {
      system.files.close(descriptor);
    }
  }
  return shown;
}

/** Returns when it cannot wait any more. */
function watch(system: System, maildir: ByteString): void {
  for (;;) {
    system.files.write(1, bytesOf(screen(system, maildir)));
    const ended = runChild(system, ['sleep', String(intervalSeconds)]);
    if (ended.kind === 'not-run') throw new Error(ended.problem);
    if (ended.kind === 'crashed' || ended.exitCode !== 0) return;
  }
}

export const maildirwatch: Program = {
  manual,
  run: async (system) => {
    if (system.args.length > 0) {
      complain(system, 'maildirwatch', usage(manual));
      return exitUsage;
    }
    try {
      const maildir = system.env('MAILDIR');
      if (!maildir) throw new Error('MAILDIR not set');
      watch(system, maildir);
    } catch (error) {
      complain(system, 'maildirwatch', `fatal: ${printable(errorText(error))}`);
    }
    return exitTemporary;
  },
};
