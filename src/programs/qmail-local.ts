/** qmail-local: one message to one local recipient, for whoever runs it (qmail-local(8)). */

import { fstatSync } from 'node:fs';
import { openControl } from '../control/index.ts';
import {
  deliverLocally,
  type Instruction,
  instructionsFor,
  type LocalJob,
  type LocalMeans,
  type LocalUser,
  openHome,
  programEndMsDefault,
  qmailFileBytesMax,
  success,
} from '../local/index.ts';
import type { MessageBody } from '../mail/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { chooseQueue, type Queue } from '../submit/index.ts';
import { type Answer, type ByteString, bytesOf, type System, type Verdict } from '../system/index.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';
import { programSecondsDefault, readProgramMsMax } from './program-time.ts';

const manual: Manual = {
  name: 'qmail-local',
  section: 8,
  purpose: 'deliver a message to a local user',
  synopsis: ['[-nN] user homedir local dash ext domain sender defaultdelivery'],
  description: [
    'qmail-local reads a message from descriptor 0, which must be a file, and delivers it to local@domain: user is who owns homedir, dash and ext are what local has beyond the name. It carries out the lines of the .qmail file for ext, see dot-qmail(5); where dash is empty and there is no such file, and where the file is empty, those of defaultdelivery.',
    'The lines are carried out in order; the first that fails ends the delivery, and what was done stays done. All lines are read before: a mistake in one of them lets none be carried out. Forwards come last and are one message to the queue.',
    'A message in a Maildir is on stable storage, and so is its name, before qmail-local ends. An mbox is locked with flock; a line in it that looks like the beginning of a message gets a ">" in front (mboxrd). Both get Return-Path and Delivered-To lines on top. A message that already has the same Delivered-To line is looping and is refused.',
    'Nothing is delivered while homedir is sticky, for its owner is editing, or while anybody may write to it.',
    'What programs print goes to descriptors 1 and 2. The delivery itself prints to descriptor 1 to how many files, forwards and programs the message went: did 1+2+0; and after forwards the number under which the queue took them: qp 7, or 0 where another program stands in its place.',
  ],
  options: [
    {
      letter: 'n',
      name: 'list',
      letterOnly: true,
      text: 'Print what would be done, and do nothing. A sticky home gets no more than a warning then.',
    },
    {
      letter: 'N',
      name: 'deliver',
      letterOnly: true,
      text: 'Deliver. This is the default; the last of the two counts.',
    },
  ],
  environment: [
    ['QMAILHOME', 'Where bin/ with the programs is, and queue/ for forwards; /var/qmail without it.'],
    ['QMAILQUEUE', 'A program that takes forwards in place of the queue. Programs get it too.'],
    [
      'TMPDIR',
      'Where the message waits for programs, in a file without a name; else /tmp, /var/tmp, /dev/shm.',
    ],
  ],
  controls: [
    ['qmailqueue', 'As the variable QMAILQUEUE.'],
    ['timeoutprogram', `Seconds for which a program may run. Default: ${programSecondsDefault}.`],
  ],
  exitCodes: [
    ['0', 'The message was delivered.'],
    ['100', 'It never will be, or qmail-local was called wrongly. Descriptor 2 says why.'],
    ['111', 'It was not delivered, and may be later. Descriptor 2 says why.'],
  ],
  limits: [
    ['.qmail file', `${qmailFileBytesMax} bytes`],
    ['lock', 'An mbox that another program has locked for 30 seconds is given up for now.'],
    [
      'program',
      `${programSecondsDefault} seconds, or those of control/timeoutprogram; then its process group is told to end, and killed after ${programEndMsDefault / 1000} more; the message is deferred`,
    ],
  ],
  bugs: ['The lock of an mbox needs the program flock of util-linux.'],
  seeAlso: ['dot-qmail(5)', 'maildirmake(1)', 'forward(1)', 'qmail-send(8)', 'qmail-queue(8)'],
};

const exitCodes: Readonly<Record<Verdict, number>> = { K: 0, D: 100, Z: 111 };

const exitUsage = 100;

const operandsCount = 8;

const messageDescriptor = 0;
const readBytes = 65536;

/** The message on descriptor 0, from its first byte, wherever the descriptor stands. */
function messageOf(system: System): MessageBody {
  return {
    sizeBytes: fstatSync(messageDescriptor).size,
    *chunks() {
      const buffer = new Uint8Array(readBytes);
      for (let offset = 0; ; ) {
        const count = system.files.readAt(messageDescriptor, buffer, offset);
        if (count === 0) return;
        offset += count;
        yield buffer.subarray(0, count);
      }
    },
  };
}

function describe(instruction: Instruction): ByteString {
  switch (instruction.kind) {
    case 'maildir':
    case 'mbox':
      return `${instruction.kind} ${instruction.path}\n`;
    case 'program':
      return `program ${instruction.command}\n`;
    case 'forward':
      return `forward ${instruction.address}\n`;
  }
}

/** What -n prints: the instructions, and the report that would follow. */
function listing(list: readonly Instruction[]): Answer {
  const count = (...kinds: readonly string[]) => list.filter(({ kind }) => kinds.includes(kind)).length;
  const { text } = success(count('maildir', 'mbox'), count('forward'), count('program'));
  return { verdict: 'K', text: `${list.map(describe).join('')}${text}` };
}

/** A report goes to descriptor 1 or 2 as it is: qmail-lspawn reads both. */
function report(system: System, answer: Answer): number {
  system.files.write(answer.verdict === 'K' ? 1 : 2, bytesOf(answer.text));
  return exitCodes[answer.verdict];
}

/** -n and -N, in whatever clusters they stand before the operands: the last one counts. */
function listsOnly(options: readonly string[]): boolean {
  const letters = options.join('');
  return letters.lastIndexOf('n') > letters.lastIndexOf('N');
}

/** What -n prints: the home is looked at, and nothing is done. */
function list(system: System, user: LocalUser): number {
  const home = openHome(user.home);
  if (!home.ok) return report(system, home.answer);
  if (home.sticky) complain(system, 'qmail-local', 'warning: home directory is sticky.');
  const instructions = instructionsFor(user);
  if (instructions.ok) return report(system, listing(instructions.list));
  system.files.write(1, bytesOf(instructions.list.map(describe).join('')));
  return report(system, instructions.answer);
}

/** What qmail-local makes is its user's alone, and so is what the programs that it runs make. */
const privateMask = 0o077;

async function deliver(system: System, queue: Queue, job: LocalJob): Promise<number> {
  process.umask(privateMask);
  const programMsMax = readProgramMsMax(openControl(system));
  const means: LocalMeans = { system, queue, programMsMax, programOutput: 'inherited' };
  return report(system, await deliverLocally(job, means));
}

export const qmailLocal: Program = {
  manual,
  run: async (system, wiring) => {
    const parsed = parseCommandLine(manual, system.args);
    const operands = parsed.ok ? parsed.line.operands : [];
    const [
      user = '',
      home = '',
      local = '',
      dash = '',
      extension = '',
      domain = '',
      sender = '',
      delivery = '',
    ] = operands;
    if (operands.length !== operandsCount || !home.startsWith('/')) {
      complain(system, 'qmail-local', parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    const where = { home, dash, extension, delivery };
    if (listsOnly(system.args.slice(0, -operandsCount))) return list(system, where);
    const job = { ...where, user, local, domain, sender, body: messageOf(system), nowMs: system.now() };
    return await deliver(system, chooseQueue(system, wiring.queue), job);
  },
};
