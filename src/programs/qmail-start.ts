/** qmail-start: starts a hub. */
import { homeDirectory } from '../control/index.ts';
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { dropPrivileges, findAccount } from '../process/index.ts';
import { type ListenAddress, parseListenAddress } from '../serve/index.ts';
import type { System } from '../system/index.ts';
import { errorText } from '../system/index.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';
import { deliveryDefault } from './qmail-send.ts';
import { hubOptions, readHubOptions, runHub } from './run-hub.ts';

const exitUsage = 100;
const exitTemporary = 111;

const manual: Manual = {
  name: 'qmail-start',
  section: 8,
  purpose: 'start a hub',
  synopsis: [
    '--embedded [--user NAME] [--qmqp ADDRESS:PORT ...] [--home DIR] [--log FORM] [--metrics ADDRESS:PORT] [DEFAULTDELIVERY]',
  ],
  description: [
    'qmail-start --embedded runs a hub in one process as the user who calls it: the queue in HOME/queue, the intake for qmail-queue, QMQP listeners, and the delivery of recipients in control/locals. Everything is delivered as that user, by DEFAULTDELIVERY: one or more lines of the .qmail notation, each a Maildir (./Maildir/) or an mbox (./Mailbox). Without one it is ./Maildir/.',
    'Started by root it needs --user, and becomes that user for good before it reads or writes anything.',
    'When it listens it logs `listening qmqp ADDRESS:PORT` for each address. Signals and log are those of qmail-send.',
  ],
  options: [
    { name: 'embedded', text: 'Everything in one process. Required.' },
    { name: 'user', value: 'NAME', text: 'Become this user; root only.' },
    {
      name: 'qmqp',
      value: 'ADDRESS:PORT',
      repeated: true,
      text: 'Listen for QMQP there: an IPv4 address, an IPv6 address in brackets, or 0 for every IPv4 address; port 0 takes a free one.',
    },
    ...hubOptions,
  ],
  environment: [
    ['QMAILHOME', 'The directory that holds control/ and queue/; /var/qmail without it.'],
    ['QMAILQUEUE', 'A program that takes what comes over QMQP in place of the queue.'],
  ],
  controls: [
    ['qmailqueue', 'A program in place of the queue, unless $QMAILQUEUE names one.'],
    ['me, locals and others', 'See qmail-send(8) and qmail-qmqpd(8).'],
  ],
  exitCodes: [
    ['0', 'It was ended by a signal.'],
    ['100', 'It was called wrongly, or by root without an ordinary user.'],
    ['111', 'The user, the queue, a control file or an address cannot be used; the log says why.'],
  ],
  bugs: [
    'Whoever can connect to a QMQP address can send: listen on the loopback, or let a packet filter say who may.',
  ],
  seeAlso: ['qmail-send(8)', 'qmail-qmqpd(8)', 'config-fast(8)'],
};

interface Refusal {
  readonly exitCode: number;
  readonly text: string;
}

/** Becomes --user. Answers what is wrong, if anything: nothing may go on as root. */
function becomeUser(system: System, line: CommandLine): Refusal | undefined {
  const name = line.value('user');
  const asRoot = { exitCode: exitUsage, text: 'it does not run as root: name an ordinary user with --user' };
  if (name === undefined) return system.uid === 0 ? asRoot : undefined;
  try {
    const account = findAccount(name);
    if (account.uid === 0) return asRoot;
    if (account.uid !== system.uid) dropPrivileges(account);
    return undefined;
  } catch (error) {
    return { exitCode: exitTemporary, text: errorText(error) };
  }
}

interface Listens {
  readonly addresses: readonly ListenAddress[];
  readonly wrong: string | undefined;
}

function listens(line: CommandLine): Listens {
  const addresses: ListenAddress[] = [];
  for (const where of line.values('qmqp')) {
    const address = parseListenAddress(where);
    if (address === undefined) return { addresses, wrong: where };
    addresses.push(address);
  }
  return { addresses, wrong: undefined };
}

export const qmailStart: Program = {
  manual,
  async run(system) {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || !parsed.line.has('embedded') || parsed.line.operands.length > 1) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    const { line } = parsed;
    const { addresses, wrong } = listens(line);
    if (wrong !== undefined) {
      complain(system, manual.name, `${wrong} is no ADDRESS:PORT`);
      return exitUsage;
    }
    const options = readHubOptions(line);
    if (!options.ok) {
      complain(system, manual.name, options.problem);
      return exitUsage;
    }
    const refusal = becomeUser(system, line);
    if (refusal !== undefined) {
      complain(system, manual.name, refusal.text);
      return refusal.exitCode;
    }
    const home = homeDirectory(system);
    const [delivery = deliveryDefault] = line.operands;
    return await runHub({
      ...options,
      system: { ...system, uid: process.getuid?.() ?? system.uid },
      home,
      mailHome: line.value('home') ?? `${home}/home`,
      delivery,
      listen: addresses,
    });
  },
};
