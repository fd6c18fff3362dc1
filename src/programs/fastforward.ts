/** fastforward: forwards a message by a forwarding database, from a .qmail file (fastforward(1)). */
import {
  AliasProblem,
  aliasLimits,
  type Forwarding,
  followForwarding,
  lookUpForwarding,
} from '../alias/index.ts';
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { chooseQueue, queueNumber } from '../submit/index.ts';
import { type ByteString, bytesOf, type System } from '../system/index.ts';
import { aliasExit, homeVariable, queueVariable, shown, withAliasProblems } from './alias-program.ts';
import { deliveryEnvironment } from './delivery-environment.ts';
import { complain } from './print.ts';
import type { Program, Wiring } from './program.ts';

const manual: Manual = {
  name: 'fastforward',
  section: 1,
  purpose: 'forward a message by a table of aliases',
  synopsis: ['[-nNpPdD] DATABASE'],
  description: [
    'fastforward is for .qmail files: "|fastforward -d /etc/aliases.cdb" in the .qmail-default of the alias user gives all names that are no users to the aliases. It looks the recipient up in DATABASE, which newaliases or setforward has made, runs the programs that it finds there, and sends the message on to the addresses.',
    'For user@host these targets are looked up, without regard to case, and the first one that is there counts: user@host, @host, user@. An address that is itself a target, as user@host, is followed in turn. A binary list is read and its addresses are followed; programs in it are not run, for it may belong to another user. What was met once is not followed again, so loops end. If there is an owner for the recipient, bounces go to the owner, unless the message must not bounce. A target with an owner that is met on the way gets the message as a message of its own.',
    'Everything is looked up and read before anything is done. Then the programs run, one after the other, with the message on descriptor 0, which is a file, and with the environment, the user and the working directory of fastforward. The message goes out only when all of them have succeeded. The limits on time and output are those of the delivery.',
    'The forwarded message has the Delivered-To line of the delivery on top. fastforward says "qp" and the number under which the queue took it, or 0 where that is not told.',
  ],
  options: [
    { letter: 'n', name: 'list', letterOnly: true, text: 'Print what would be done, and do nothing.' },
    { letter: 'N', name: 'deliver', letterOnly: true, text: 'Do it. This is the default.' },
    {
      letter: 'p',
      name: 'pass-through',
      letterOnly: true,
      text: 'Succeed and do nothing when DATABASE does not know the recipient, so that the next line of the .qmail file counts, and end the delivery with 99 when it does.',
    },
    {
      letter: 'P',
      name: 'no-pass-through',
      letterOnly: true,
      text: 'Refuse the message when DATABASE does not know the recipient. This is the default.',
    },
    {
      letter: 'd',
      name: 'default',
      letterOnly: true,
      text: 'The recipient is DEFAULT@HOST, or EXT@HOST where DEFAULT is not set.',
    },
    {
      letter: 'D',
      name: 'recipient',
      letterOnly: true,
      text: 'The recipient is RECIPIENT. This is the default.',
    },
  ],
  environment: [
    ['RECIPIENT', 'The address that is looked up.'],
    ['DEFAULT, EXT, HOST', 'With -d, what the address is made of.'],
    ...deliveryEnvironment('SENDER', 'DTLINE'),
    ['UFLINE, RPLINE', 'With DTLINE, the lines that a program behind "!" gets in front of the message.'],
    queueVariable,
    homeVariable,
  ],
  controls: [['qmailqueue', 'As the variable QMAILQUEUE.']],
  exitCodes: [
    ['0', 'The message was forwarded. With -p: DATABASE does not know the recipient.'],
    ['99', 'With -p: the message was forwarded.'],
    [
      '100',
      'DATABASE does not know the recipient, a program or the queue refused the message for good, or fastforward was called wrongly.',
    ],
    [
      '111',
      'DATABASE or a list cannot be read or is damaged, a program failed for now, or the queue cannot take the message now.',
    ],
  ],
  limits: [
    [
      'addressBytesMax',
      `${aliasLimits.addressBytesMax} bytes in an address, as setforward and newaliases take it.`,
    ],
    [
      'entriesMax',
      `${aliasLimits.entriesMax} addresses, lists and programs that one recipient leads to; more are put off.`,
    ],
  ],
  bugs: [
    'A program that has succeeded runs again when a later one, or the queue, fails for now.',
    'The message is forwarded from SENDER, not from NEWSENDER.',
    'It is one message, whose recipients must be no more than the queue takes.',
  ],
  seeAlso: ['newaliases(1)', 'setforward(1)', 'printforward(1)', 'dot-forward(1)', 'qmail-local(8)'],
};

/** The text that reaches those who wrote to an address that nobody has. */
const unknown = 'Sorry, no mailbox here by that name. (#5.1.1)\n';

/** What the sender is called where nobody says, as when aliases are tried from a terminal. */
const senderUnknown = 'original envelope sender';

function needed(system: System, ...names: readonly string[]): ByteString {
  for (const name of names) {
    const value = system.env(name);
    if (value !== undefined) return value;
  }
  throw new AliasProblem('D', `${names.map((name) => `$${name}`).join(' or ')} must be set`);
}

function recipientOf(system: System, line: CommandLine): ByteString {
  if (line.last('default', 'recipient') !== 'default') return needed(system, 'RECIPIENT');
  return `${needed(system, 'DEFAULT', 'EXT')}@${needed(system, 'HOST')}`;
}

/** What follows the programs. */
function describe({ sender, recipients }: Forwarding): ByteString {
  if (recipients.length === 0) return 'no forwarding\n';
  return `from <${shown(sender)}>\n${recipients.map((address) => `to <${shown(address)}>\n`).join('')}`;
}

async function run(system: System, { queue }: Wiring, line: CommandLine): Promise<number> {
  const say = (text: ByteString) => system.files.write(2, bytesOf(text));
  const passThrough = line.last('pass-through', 'no-pass-through') === 'pass-through';
  const listOnly = line.last('list', 'deliver') === 'list';
  const forwarding = lookUpForwarding(system, line.operands[0] ?? '', {
    sender: system.env('SENDER') ?? senderUnknown,
    recipient: recipientOf(system, line),
    programMet: (program) => {
      if (listOnly) say(`run ${shown(program)}\n`);
    },
  });
  if (forwarding === undefined) {
    if (passThrough) return aliasExit.done;
    say(unknown);
    return aliasExit.permanent;
  }
  if (listOnly) {
    say(describe(forwarding));
  } else {
    const said = await followForwarding(system, chooseQueue(system, queue), forwarding);
    if (said !== undefined) complain(system, 'fastforward', `qp ${queueNumber(said)}`);
  }
  return passThrough ? aliasExit.handled : aliasExit.done;
}

export const fastforward: Program = {
  manual,
  run: async (system, wiring) => {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || parsed.line.operands.length === 0) {
      complain(system, 'fastforward', parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return aliasExit.permanent;
    }
    return await withAliasProblems(system, 'fastforward', () => run(system, wiring, parsed.line));
  },
};
