/** dot-forward: does with a message what a .forward file says, from a .qmail file (dot-forward(1)). */
import { aliasLimits, type ForwardFile, followForwardFile, lookUpForwardFile } from '../alias/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { chooseQueue, type Queue, queueNumber } from '../submit/index.ts';
import { type ByteString, bytesOf, type System } from '../system/index.ts';
import {
  aliasExit,
  completionControls,
  homeVariable,
  queueVariable,
  withAliasProblems,
} from './alias-program.ts';
import { deliveryEnvironment } from './delivery-environment.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const manual: Manual = {
  name: 'dot-forward',
  section: 1,
  purpose: "read sendmail's .forward file",
  synopsis: ['[-nN] FILE ...'],
  description: [
    'dot-forward is for .qmail files: "|dot-forward .forward", with a line for the mailbox after it. The first FILE that is there and says something decides: dot-forward does what it says and exits 99, so that the lines that follow do not count. When FILE names the user, or no FILE is there, it exits 0, and they do.',
    'Each line of FILE holds addresses, parted by commas, by the syntax of message headers: comments in parentheses, names in front of angle brackets and quotes are understood. Addresses without a full domain name are completed. The message is sent on to them with the Delivered-To line of the delivery on top, and dot-forward says "qp" and the number under which the queue took it, or 0 where that is not told. A line that begins with "#" is a comment.',
    'An address without a host that begins with "|" is a command for /bin/sh, mostly in quotes: "|vacation bob". It finds the message on descriptor 0, which is a file, behind the From_, Return-Path and Delivered-To lines. An address without a host that is the name of the user, and USER@HOST, name the user; case does not count.',
    'The whole of FILE is read before anything is done. Then the commands run, and the message goes out only when all of them have succeeded. The limits on time and output are those of the delivery.',
  ],
  options: [
    { letter: 'n', name: 'list', letterOnly: true, text: 'Print what would be done, and do nothing.' },
    { letter: 'N', name: 'deliver', letterOnly: true, text: 'Do it. This is the default.' },
  ],
  environment: [
    ...deliveryEnvironment('USER', 'NEWSENDER', 'DTLINE', 'RPLINE', 'UFLINE'),
    ['HOST', 'The host of the address that the message is delivered to.'],
    queueVariable,
    homeVariable,
  ],
  controls: [...completionControls, ['qmailqueue', 'As the variable QMAILQUEUE.']],
  exitCodes: [
    ['0', 'No FILE says anything, or one names the user: the message is still to be delivered.'],
    ['99', 'The message was forwarded or given to programs.'],
    ['100', 'A program or the queue refused the message for good, or dot-forward was called wrongly.'],
    [
      '111',
      'A FILE cannot be read or understood, a program failed for now, or the queue cannot take it now.',
    ],
  ],
  limits: [
    ['commandBytesMax', `${aliasLimits.commandBytesMax} bytes in a line of FILE.`],
    ['entriesMax', `${aliasLimits.entriesMax} addresses and programs in FILE.`],
  ],
  bugs: [
    'Mailboxes (/path) and :include: in FILE are refused for now (111): .qmail files can do the first.',
    'An empty FILE is taken as none; old versions of sendmail threw the message away.',
    'A program that has succeeded runs again when a later one, or the queue, fails for now.',
  ],
  seeAlso: ['fastforward(1)', 'qmail-local(8)'],
};

function describe({ steps, direct }: ForwardFile): ByteString {
  const lines = steps.map(({ kind, text }) => `${kind === 'address' ? 'forward' : 'pipe through'} ${text}\n`);
  return `${lines.join('')}${direct ? 'direct delivery\n' : ''}`;
}

/** What a file decides. Undefined leaves it to the next. */
async function follow(
  system: System,
  queue: Queue,
  file: ForwardFile,
  listOnly: boolean,
): Promise<number | undefined> {
  if (listOnly) {
    system.files.write(2, bytesOf(describe(file)));
  } else {
    const said = await followForwardFile(system, queue, file);
    if (said !== undefined) complain(system, 'dot-forward', `qp ${queueNumber(said)}`);
  }
  if (file.direct) return aliasExit.done;
  return file.steps.length > 0 ? aliasExit.handled : undefined;
}

async function run(
  system: System,
  queue: Queue,
  paths: readonly ByteString[],
  listOnly: boolean,
): Promise<number> {
  const say = (text: ByteString) => {
    if (listOnly) system.files.write(2, bytesOf(`${text}\n`));
  };
  for (const path of paths) {
    const file = lookUpForwardFile(system, path);
    if (file === undefined) continue;
    const decided = await follow(system, queue, file, listOnly);
    if (decided !== undefined) return decided;
    say(`skipping empty file ${path}`);
  }
  say('direct delivery');
  return aliasExit.done;
}

export const dotForward: Program = {
  manual,
  run: async (system, wiring) => {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok) {
      complain(system, 'dot-forward', `${parsed.problem}\n${usage(manual)}`);
      return aliasExit.permanent;
    }
    const { line } = parsed;
    const listOnly = line.last('list', 'deliver') === 'list';
    return await withAliasProblems(system, 'dot-forward', () =>
      run(system, chooseQueue(system, wiring.queue), line.operands, listOnly),
    );
  },
};
