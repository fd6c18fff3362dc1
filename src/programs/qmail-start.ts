/** qmail-start: starts a hub. */
import { homeDirectory } from '../control/index.ts';
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { dropPrivileges, findAccount } from '../process/index.ts';
import { parseListenAddress, type QmqpAddress, type ServiceAddress } from '../serve/index.ts';
import type { System } from '../system/index.ts';
import { errorText } from '../system/index.ts';
import { startEmbeddedHub } from './embedded-hub.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';
import { deliveryDefault } from './qmail-send.ts';
import { hubOptions, readHubOptions, runHub } from './run-hub.ts';
import { runSeparatedHub } from './separated-hub.ts';

const exitUsage = 100;
const exitTemporary = 111;

const manual: Manual = {
  name: 'qmail-start',
  section: 8,
  purpose: 'start a hub',
  synopsis: [
    '[--qmqp ADDRESS:PORT ...] [--qmqps ADDRESS:PORT ...] [--smtp ADDRESS:PORT ...] [--smtps ADDRESS:PORT ...] [--smtp-auth] [--qmtp ADDRESS:PORT ...] [--pop3 ADDRESS:PORT ...] [--pop3s ADDRESS:PORT ...] [--log FORM] [--metrics ADDRESS:PORT] [DEFAULTDELIVERY [LOGGER [ARGUMENT ...]]]',
    '--embedded [--user NAME] [--qmqp ADDRESS:PORT ...] [--qmqps ADDRESS:PORT ...] [--smtp ADDRESS:PORT ...] [--smtps ADDRESS:PORT ...] [--smtp-auth] [--qmtp ADDRESS:PORT ...] [--pop3 ADDRESS:PORT ...] [--pop3s ADDRESS:PORT ...] [--home DIR] [--log FORM] [--metrics ADDRESS:PORT] [DEFAULTDELIVERY]',
  ],
  description: [
    'qmail-start, as root, starts the programs of a hub, each as the user that it needs and no other: qmail-send as qmailq, who owns the queue in HOME/queue; qmail-rspawn as qmailr; qmail-qmqpd as qmaild, one for each --qmqp address and one for all --qmqps addresses, which are opened for it; qmail-smtpd as qmaild too, one for all --smtp and --smtps addresses; qmail-qmtpd as qmaild, one for all --qmtp addresses; qmail-popup as qmaild, for all --pop3 and --pop3s addresses, and, for that or for --smtp-auth, qmail-pspawn as root, which has logins checked; LOGGER as qmaill, with the log on its descriptor 0; and qmail-lspawn as root, which starts a worker for each user to whom mail comes. Without LOGGER the log goes to descriptor 1. scripts/install makes the users and directories.',
    'It stays and watches them. When one ends that should not, it ends the others and starts all again, after a pause that grows from a second to a minute. It writes no file and sees no message. SIGTERM and SIGINT end the hub in order: first the servers, then qmail-send when the deliveries that run are done. SIGHUP goes on to qmail-send and the servers, SIGALRM to qmail-send.',
    'DEFAULTDELIVERY is what is done for a user who has no .qmail file: lines of the .qmail notation. Without it they are ./Maildir/.',
    'qmail-start --embedded runs a hub in one process as the user who calls it: the queue in HOME/queue, the intake for qmail-queue, QMQP, SMTP, QMTP and POP3 listeners, and the delivery of recipients in control/locals. Everything is delivered as that user. Started by root it needs --user, and becomes that user for good before it reads or writes anything.',
    'When it listens it logs `listening qmqp ADDRESS:PORT` for each address, or `listening qmqps ADDRESS:PORT`, and likewise for SMTP, QMTP and POP3. Signals and log are those of qmail-send.',
  ],
  options: [
    { name: 'embedded', text: 'Everything in one process.' },
    { name: 'user', value: 'NAME', text: 'With --embedded: become this user; root only.' },
    {
      name: 'qmqp',
      value: 'ADDRESS:PORT',
      repeated: true,
      text: 'Listen for QMQP there: an IPv4 address, an IPv6 address in brackets, or 0 for every IPv4 address; port 0 takes a free one.',
    },
    {
      name: 'qmqps',
      value: 'ADDRESS:PORT',
      repeated: true,
      text: 'Listen there for QMQP in TLS, from satellites that are known by their keys (qmail-satellites(8)).',
    },
    {
      name: 'smtp',
      value: 'ADDRESS:PORT',
      repeated: true,
      text: 'Listen there for SMTP (qmail-smtpd(8)): port 25, and 587 for who logs in.',
    },
    {
      name: 'smtps',
      value: 'ADDRESS:PORT',
      repeated: true,
      text: 'Listen there for SMTP in TLS from the first byte on: port 465. It needs control/servercert.pem.',
    },
    {
      name: 'smtp-auth',
      text: 'Let clients of SMTP log in, in TLS only, to send to anywhere: with the program in control/checkpassword (qmail-pspawn(8)).',
    },
    {
      name: 'qmtp',
      value: 'ADDRESS:PORT',
      repeated: true,
      text: 'Listen there for QMTP (qmail-qmtpd(8)): port 209.',
    },
    {
      name: 'pop3',
      value: 'ADDRESS:PORT',
      repeated: true,
      text: 'Listen there for POP3 (qmail-popup(8)): port 110.',
    },
    {
      name: 'pop3s',
      value: 'ADDRESS:PORT',
      repeated: true,
      text: 'Listen there for POP3 in TLS from the first byte on: port 995. It needs control/servercert.pem.',
    },
    {
      name: 'home',
      value: 'DIR',
      text: 'With --embedded: the directory that DEFAULTDELIVERY counts from. Default: HOME/home.',
    },
    ...hubOptions,
  ],
  environment: [
    ['QMAILHOME', 'The directory that holds control/ and queue/; /var/qmail without it.'],
    [
      'QMAILQUEUE',
      'A program that takes what comes over QMQP, and what is forwarded, in place of the queue.',
    ],
    ['QMAILREMOTE', 'The program that qmail-rspawn runs; see there.'],
  ],
  controls: [
    ['qmailqueue', 'A program in place of the queue, unless $QMAILQUEUE names one.'],
    ['qmqprules', 'Who may send over QMQP; see qmail-qmqpd(8). Default: the loopback.'],
    ['me, locals and others', 'See qmail-send(8), qmail-lspawn(8), qmail-qmqpd(8) and qmail-smtpd(8).'],
  ],
  exitCodes: [
    ['0', 'It was ended by a signal.'],
    ['100', 'It was called wrongly; without --embedded, by somebody who is not root.'],
    [
      '111',
      'A user is missing; with --embedded, the user, the queue, a control file or an address cannot be used.',
    ],
  ],
  seeAlso: [
    'qmail-send(8)',
    'qmail-lspawn(8)',
    'qmail-rspawn(8)',
    'qmail-qmqpd(8)',
    'qmail-smtpd(8)',
    'qmail-qmtpd(8)',
    'qmail-popup(8)',
    'qmail-pspawn(8)',
    'qmail-satellites(8)',
    'config-fast(8)',
  ],
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
  readonly qmqp: readonly QmqpAddress[];
  readonly smtp: readonly ServiceAddress[];
  readonly qmtp: readonly ServiceAddress[];
  readonly smtpAuth: boolean;
  readonly pop3: readonly ServiceAddress[];
  readonly wrong: string | undefined;
}

/** The addresses of these options, each with its option's name. */
function addressesOf(
  line: CommandLine,
  names: readonly string[],
  wrong: string[],
): readonly ServiceAddress[] {
  return names.flatMap((service) =>
    line.values(service).flatMap((where) => {
      const address = parseListenAddress(where);
      if (address === undefined) wrong.push(where);
      return address === undefined ? [] : [{ ...address, service }];
    }),
  );
}

function listens(line: CommandLine): Listens {
  const wrong: string[] = [];
  const qmqp = addressesOf(line, ['qmqp', 'qmqps'], wrong).map(({ service, ...address }) =>
    service === 'qmqps' ? { ...address, secure: true } : address,
  );
  const smtp = addressesOf(line, ['smtp', 'smtps'], wrong);
  const pop3 = addressesOf(line, ['pop3', 'pop3s'], wrong);
  const qmtp = addressesOf(line, ['qmtp'], wrong);
  return { qmqp, smtp, smtpAuth: line.has('smtp-auth'), qmtp, pop3, wrong: wrong[0] };
}

async function embedded(
  system: System,
  line: CommandLine,
  { qmqp: listen, smtp, smtpAuth, qmtp, pop3 }: Listens,
): Promise<number> {
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
  const own = { ...system, uid: process.getuid?.() ?? system.uid };
  const mailHome = line.value('home') ?? `${home}/home`;
  const { log, metrics } = options;
  return await runHub({
    system: own,
    log,
    metrics,
    start: (reporting) =>
      startEmbeddedHub({
        system: own,
        home,
        mailHome,
        delivery,
        listen,
        smtp,
        smtpAuth,
        qmtp,
        pop3,
        ...reporting,
      }),
  });
}

async function separated(
  system: System,
  line: CommandLine,
  { qmqp: listen, smtp, smtpAuth, qmtp, pop3 }: Listens,
): Promise<number> {
  const options = readHubOptions(line);
  if (!options.ok) {
    complain(system, manual.name, options.problem);
    return exitUsage;
  }
  if (system.uid !== 0) {
    complain(
      system,
      manual.name,
      'only root can start it: or have everything in one process with --embedded',
    );
    return exitUsage;
  }
  const [delivery = deliveryDefault, ...logger] = line.operands;
  const metrics = line.value('metrics');
  return await runSeparatedHub({
    system,
    listen,
    smtp,
    qmtp,
    smtpAuth,
    pop3,
    log: options.log,
    metrics,
    delivery,
    logger,
  });
}

export const qmailStart: Program = {
  manual,
  async run(system) {
    const parsed = parseCommandLine(manual, system.args);
    const isEmbedded = parsed.ok && parsed.line.has('embedded');
    const wrongly =
      !parsed.ok ||
      (isEmbedded && parsed.line.operands.length > 1) ||
      (!isEmbedded && ['user', 'home'].some((name) => parsed.line.value(name) !== undefined));
    if (wrongly) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    const { line } = parsed;
    const where = listens(line);
    if (where.wrong !== undefined) {
      complain(system, manual.name, `${where.wrong} is no ADDRESS:PORT`);
      return exitUsage;
    }
    return await (isEmbedded ? embedded : separated)(system, line, where);
  },
};
