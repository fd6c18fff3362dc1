/** qbiff: tells a user who is logged in that mail has come (qbiff(1)). */
import { closeSync, constants, fstatSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Manual } from '../manual/index.ts';
import { type ByteString, bytesOf, type System } from '../system/index.ts';
import { nativePath } from '../system/node/index.ts';
import { deliveryEnvironment } from './delivery-environment.ts';
import { plain, summarise } from './message-summary.ts';
import type { Program } from './program.ts';
import { readMessage } from './read-message.ts';
import { terminalsOf } from './terminals.ts';

/** Bytes of subject and body that are shown. */
const textBytesMax = 74;

const manual: Manual = {
  name: 'qbiff',
  section: 1,
  purpose: 'tell a user who is logged in that mail has come',
  synopsis: [''],
  description: [
    `qbiff is for .qmail files: "|qbiff" writes envelope recipient and sender of the message on descriptor 0, and the first ${textBytesMax} bytes of its subject and body, to every terminal where USER is logged in and has asked for it with "biff y" or chmod u+x.`,
    'A terminal must be owned by who runs qbiff. Bytes that are no printable ASCII characters are replaced, so that a message cannot steer a terminal; a terminal that takes nothing at the moment is passed over.',
  ],
  environment: deliveryEnvironment('USER', 'LOCAL', 'SENDER'),
  exitCodes: [['0', 'Always: a notice that cannot be given must not keep mail from being delivered.']],
  bugs: [
    'Who is logged in is read from /var/run/utmp. A system that does not keep that file gives no notices.',
  ],
  seeAlso: ['qmail-local(8)'],
};

/** Where the two are, which a test has elsewhere. */
export interface Places {
  readonly utmp: string;
  readonly devices: string;
}

const systemPlaces: Places = { utmp: '/var/run/utmp', devices: '/dev' };

/** O_NONBLOCK: a terminal that was stopped must not stop the delivery. */
const terminalFlags = constants.O_WRONLY | constants.O_APPEND | constants.O_NOCTTY | constants.O_NONBLOCK;

/** The owner of a terminal lets it be written to by setting this. */
const wantsNotices = 0o100;

function noticeOf(system: System, local: ByteString, sender: ByteString): ByteString {
  const { text } = summarise(readMessage(system, 0));
  const head = `*** TO <${local}> FROM <${sender}>`;
  return `\r\n\x07${plain(head, '_')}\r\n    ${plain(text.slice(0, textBytesMax), '/')}\r\n`;
}

function writeTo(path: ByteString, notice: Uint8Array, uid: number): void {
  const descriptor = openSync(nativePath(path), terminalFlags);
  try {
    const status = fstatSync(descriptor);
    if ((status.mode & wantsNotices) !== 0 && status.uid === uid) writeSync(descriptor, notice);
  } finally {
    closeSync(descriptor);
  }
}

/** Writes the notice to every terminal of USER. Throws when there is nothing to be read that says which. */
export function notify(system: System, { utmp, devices }: Places = systemPlaces): void {
  const [user, sender, local] = ['USER', 'SENDER', 'LOCAL'].map((name) => system.env(name));
  if (user === undefined || sender === undefined || local === undefined) return;
  const terminals = terminalsOf(readFileSync(utmp), user);
  if (terminals.length === 0) return;
  const notice = bytesOf(noticeOf(system, local, sender));
  for (const terminal of terminals) {
    try {
      writeTo(`${devices}/${terminal}`, notice, system.uid);
    } catch {
      // The user has left, or the terminal takes nothing: the others may still.
    }
  }
}

export const qbiff: Program = {
  manual,
  run: async (system) => {
    try {
      notify(system);
    } catch {
      // Whatever is wrong with the notice, the mail is delivered.
    }
    return 0;
  },
};
