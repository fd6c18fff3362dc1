/** qmail-pop3d: shows a Maildir to who has logged in, over POP3 on descriptors 0 and 1. */
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { cleanTmp, openMaildrop, pop3Limits, serveTransaction } from '../serve/pop3/index.ts';
import { byteStringOf, bytesOf, errorText, type System } from '../system/index.ts';
import { openChannel } from './descriptor-channel.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const exitRoot = 1;
const exitUsage = 100;
const exitTemporary = 111;

const manual: Manual = {
  name: 'qmail-pop3d',
  section: 8,
  purpose: 'serve a Maildir over POP3',
  synopsis: ['MAILDIR'],
  description: [
    'qmail-pop3d speaks POP3 (RFC 1939) on descriptors 0 and 1 with a client that has logged in already: it is started by checkpassword, as the user whose mail is in MAILDIR and in that home. It knows STAT, LIST, UIDL, RETR, TOP, DELE, RSET, LAST, NOOP, CAPA and QUIT.',
    'The messages are those in new/ and cur/ when it starts, the oldest first. Nothing changes before QUIT: then those that were deleted are removed, and the others that were in new/ go to cur/. When the client goes away without QUIT, or is silent for too long, everything stays as it was. Other programs may work with the Maildir at the same time; a message that one of them has moved is found again, and one that was removed cannot be had.',
    "A message is sent with CR LF at the end of each line, and its size is that of what is sent. A message's unique-id is the name of its file up to a colon, or a digest of that when it is longer than 70 characters. A file whose name has ,W=SIZE in it, as deliveries of this system have, need not be read for its size.",
    'When it starts it removes files in tmp/ that nobody has touched for 36 hours.',
  ],
  exitCodes: [
    ['0', 'The client has said QUIT, or is gone.'],
    ['1', 'It runs as root, which it refuses.'],
    ['100', 'It was called wrongly.'],
    ['111', 'The Maildir cannot be read; the client was told so.'],
  ],
  limits: [
    ['command', `${pop3Limits.commandBytesMax} bytes`],
    [
      'silence',
      `${pop3Limits.idleMs / 1000} seconds; the same for a client that does not take what it asked for`,
    ],
    ['commands that fail', `${pop3Limits.errorsMax} in a session`],
    ['messages', `${pop3Limits.messagesMax}; what is there beyond them is shown when others are gone`],
  ],
  bugs: [
    'A Maildir is not locked: two sessions at the same time may both fetch, and delete, the same message.',
    'Unlike the original it sends no empty line behind each message, counts CR in the sizes, and leaves deleted messages out of STAT.',
    'LAST was taken out of POP3 long ago; it counts RETR and DELE.',
  ],
  seeAlso: ['qmail-popup(8)', 'checkpassword(8)', 'maildirmake(1)'],
};

export const qmailPop3d: Program = {
  manual,
  run: async (system: System) => {
    if (system.uid === 0) {
      complain(system, manual.name, 'invoked as uid 0, terminating');
      return exitRoot;
    }
    const parsed = parseCommandLine(manual, system.args);
    const [path] = parsed.ok ? parsed.line.operands : [];
    if (!parsed.ok || path === undefined || parsed.line.operands.length > 1) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    const { files } = system;
    const channel = openChannel(pop3Limits.idleMs);
    try {
      cleanTmp(files, path, system.now());
      const maildrop = openMaildrop({ files, path, messagesMax: pop3Limits.messagesMax });
      await serveTransaction({ channel, maildrop, limits: pop3Limits });
      return 0;
    } catch (error) {
      if (channel.isOver()) return 0;
      complain(system, manual.name, `fatal: ${errorText(error)}`);
      await channel
        .write(bytesOf(byteStringOf('-ERR [SYS/TEMP] this mail cannot be read now\r\n')))
        .catch(() => undefined);
      return exitTemporary;
    } finally {
      channel.close();
    }
  },
};
