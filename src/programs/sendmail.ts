/**
 * sendmail: the program that everything on a Unix machine calls to send mail, with sendmail's options and exit codes
 * and qmail-inject's treatment of the header.
 */
import {
  type Identity,
  type Injection,
  InjectProblem,
  inject,
  readSettings,
  type Settings,
} from '../inject/index.ts';
import { splitAddress } from '../mail/index.ts';
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { readSpoolSettings } from '../satellite/index.ts';
import { chooseQueue, type QueueOutcome } from '../submit/index.ts';
import { type ByteString, errorCode, errorText, printable, type System } from '../system/index.ts';
import { injectControls, injectDescription, injectEnvironment, injectLimits } from './inject-environment.ts';
import { complain, print } from './print.ts';
import type { Program, Wiring } from './program.ts';
import { speakSmtp } from './speak-smtp.ts';
import { exitOfOutcome, sysexits } from './sysexits.ts';

const manual: Manual = {
  name: 'sendmail',
  section: 1,
  purpose: 'send a message',
  synopsis: ['[-i] [-t] [-f SENDER] [-F NAME] [RECIPIENT ...]', '-bp', '-bs', '-q'],
  description: [
    'sendmail reads a message on descriptor 0, completes its header as qmail-inject does, and hands it to the queue. It takes the options of the program of this name that mail readers, cron and scripts have always called. Options may stand behind recipients; -- ends them.',
    'A line that consists of a dot never ends the message, with -i or without it: the message ends where the input ends, so nothing of it is lost.',
    'In a message whose first line ends in CR LF, as PHP from version 8 on writes it, lines that end so end in LF after it. A CR anywhere else stays, and so does every byte of other messages.',
    injectDescription,
    'The full name of -F and the address of -f are used in a From field that is added, in place of the variables below.',
  ],
  options: [
    {
      letter: 't',
      name: 'header-recipients',
      letterOnly: true,
      text: 'Send to the recipients in To, Cc and Bcc, besides those on the command line.',
    },
    {
      letter: 'i',
      name: 'ignore-dots',
      letterOnly: true,
      text: 'As always here: a lone dot is part of the message.',
    },
    {
      letter: 'f',
      aliases: 'r',
      name: 'sender',
      value: 'SENDER',
      letterOnly: true,
      text: 'The envelope sender, which gets the bounces. An empty SENDER or <> asks for none. Angle brackets around the address, and a name before them, are removed.',
    },
    { letter: 'F', name: 'full-name', value: 'NAME', letterOnly: true, text: 'The full name of the sender.' },
    {
      letter: 'b',
      name: 'mode',
      value: 'MODE',
      letterOnly: true,
      text: 'm sends a message, the default. p lists the queue. i rebuilds the aliases of a hub, as newaliases does; a machine without aliases says so and succeeds. s speaks SMTP on descriptors 0 and 1 as qmail-smtpd does, for this host, which may send to anywhere; only a hub can. d, D, a, t, v, h, H and P are refused.',
    },
    { letter: 'I', name: 'aliases', letterOnly: true, text: 'As -bi.' },
    {
      letter: 'q',
      name: 'flush',
      value: 'INTERVAL',
      attachedOnly: true,
      letterOnly: true,
      text: 'Send what waits in the spool of this machine now, as qmail-flush --now does; with INTERVAL, as qmail-flush does. No process is started that would do it again after INTERVAL. Without control/spool nothing waits, and it succeeds.',
    },
    {
      letter: 'o',
      aliases: 'ABCDLMNORTVXehp',
      name: 'ignored-setting',
      value: 'VALUE',
      letterOnly: true,
      text: 'Accepted and ignored.',
    },
    {
      letter: 'd',
      aliases: 'EJQ',
      name: 'ignored-attached',
      value: 'VALUE',
      attachedOnly: true,
      letterOnly: true,
      text: 'Accepted and ignored.',
    },
    {
      letter: 'v',
      aliases: 'GUcmnsx',
      name: 'ignored-switch',
      letterOnly: true,
      text: 'Accepted and ignored.',
    },
  ],
  environment: injectEnvironment,
  controls: injectControls,
  exitCodes: [
    ['0', 'The queue has taken the message; on a satellite, a hub or the spool (control/spool).'],
    ['64', 'It was called wrongly, or without recipients.'],
    ['65', 'The message or an address is malformed, or there are no recipients in the header.'],
    ['67', 'Refused for good: there is no such recipient (5.1.x).'],
    ['68', 'Refused for good: there is no such host (5.1.2).'],
    ['69', 'Refused for good for another reason, or a mode that is not available was asked for.'],
    ['70', 'A bug.'],
    ['71', 'The program in the place of the queue cannot be run.'],
    ['74', 'The message could not be read, or not be held in a temporary file.'],
    [
      '75',
      'The queue cannot take the message now: on a satellite no hub does, and there is no spool or it is full. The message was not sent and is not kept: try again.',
    ],
    ['77', 'Refused for good: it is not allowed (5.7.x).'],
    ['78', 'A control file cannot be read or makes no sense.'],
  ],
  limits: injectLimits,
  bugs: [
    'Exit code 75 means that nobody has the message. PHP takes 75 for success from version 8.5 on (before that, for failure): a script that must know should read what is written to descriptor 2.',
    'A satellite does not speak SMTP on descriptors 0 and 1 (-bs).',
  ],
  seeAlso: ['qmail-inject(8)', 'mailq(1)', 'newaliases(1)', 'qmail-flush(8)'],
};

/** Modes that sendmail documents and that are not to be had here. */
const refusedModes: Readonly<Record<string, string>> = {
  d: 'sendmail is no daemon (-bd); a hub is started with qmail-start',
  D: 'sendmail is no daemon (-bD); a hub is started with qmail-start',
  a: 'ARPANET mode (-ba) is not available',
  t: 'there are no rewriting rules to test (-bt)',
  v: 'addresses cannot be verified (-bv): the hub knows which ones exist',
  h: 'there is no host status (-bh)',
  H: 'there is no host status (-bH)',
  P: 'there are no queue groups (-bP)',
};

const controlCharacter = (character: string) => character < ' ' || character === '\x7f';

/** A name goes into a header field: a line break in it would begin another field. */
function cleanName(name: ByteString): ByteString {
  let clean = '';
  for (const character of name) clean += controlCharacter(character) ? ' ' : character;
  return clean;
}

/** `Some Name <box@host>`, `<box@host>` and `box@host` are the same sender; `<>` is none. */
function senderAddress(value: ByteString): ByteString {
  if ([...value].some(controlCharacter)) {
    throw new InjectProblem(`the sender contains a control character: ${printable(value)} (#5.1.7)`);
  }
  const open = value.lastIndexOf('<');
  return open >= 0 && value.endsWith('>') ? value.slice(open + 1, -1) : value;
}

/** Who wrote a message without a From field: the user's full name does not belong to a sender that was named. */
function identityOf(
  own: Identity,
  sender: ByteString | undefined,
  fullName: ByteString | undefined,
): Identity {
  const name = fullName === undefined ? own.name : cleanName(fullName) || undefined;
  if (!sender) return { ...own, name };
  const { local, domain } = splitAddress(sender);
  return { ...own, user: local, host: domain, name: fullName === undefined ? undefined : name };
}

async function send(
  system: System,
  wiring: Wiring,
  line: CommandLine,
  settings: Settings,
): Promise<QueueOutcome> {
  const given = line.value('sender');
  const sender = given === undefined ? undefined : senderAddress(given);
  const injection: Injection = {
    settings: { ...settings, identity: identityOf(settings.identity, sender, line.value('full-name')) },
    recipientsFrom: line.has('header-recipients') ? 'both' : 'arguments',
    recipients: line.operands,
    sender,
    recipientsRequired: true,
    unixLines: true,
  };
  return await inject(system, injection, chooseQueue(system, wiring.queue));
}

function fail(system: System, exitCode: number, text: string): number {
  complain(system, 'sendmail', text);
  return exitCode;
}

async function deliver(system: System, wiring: Wiring, line: CommandLine): Promise<number> {
  if (line.operands.length === 0 && !line.has('header-recipients')) {
    return fail(
      system,
      sysexits.usage,
      'no recipients: name them, or give -t to send to those in the header',
    );
  }
  let settings: Settings;
  try {
    settings = readSettings(system);
  } catch (error) {
    return fail(system, sysexits.configuration, `fatal: ${errorText(error)}`);
  }
  try {
    const outcome = await send(system, wiring, line, settings);
    const exitCode = exitOfOutcome(outcome);
    return exitCode === 0 ? 0 : fail(system, exitCode, `fatal: ${printable(outcome.answer.text)}`);
  } catch (error) {
    if (error instanceof InjectProblem) return fail(system, sysexits.data, `fatal: ${error.message}`);
    const exitCode = errorCode(error) === '' ? sysexits.software : sysexits.inputOutput;
    return fail(system, exitCode, `fatal: ${errorText(error)}`);
  }
}

/** What waits in the spool. */
async function flushSpool(system: System, wiring: Wiring, interval: string): Promise<number> {
  const { qmailFlush } = await import('./seldom-programs.ts');
  const exitCode = await qmailFlush.run({ ...system, args: interval === '' ? ['--now'] : [] }, wiring);
  return exitCode === 0 ? sysexits.ok : sysexits.tryLater;
}

/** The queue is listed by the hub's own program; a machine without that has a spool at the most. */
async function listQueue(system: System, wiring: Wiring): Promise<number> {
  const load = wiring.programs?.['qmail-qread'];
  if (load !== undefined) return await (await load()).run({ ...system, args: [] }, wiring);
  const settings = readSpoolSettings(system);
  if (settings === undefined) {
    print(system, 'Mail queue is empty: this machine has none, a hub takes each message at once.\n');
    return sysexits.ok;
  }
  const { printSpool } = await import('./seldom-programs.ts');
  printSpool(system, settings);
  return sysexits.ok;
}

/** The server is the hub's. */
async function serveSmtp(system: System, wiring: Wiring): Promise<number> {
  const load = wiring.programs?.['qmail-smtpd'];
  if (load !== undefined) return await speakSmtp(system, wiring, await load());
  const text = 'SMTP on descriptors 0 and 1 (-bs) is not available; give the message to sendmail -t -i';
  return fail(system, sysexits.unavailable, text);
}

/** Aliases are the hub's, and so is the program that rebuilds them. */
async function rebuildAliases(system: System, wiring: Wiring): Promise<number> {
  const load = wiring.programs?.['qmail-newaliases'];
  if (load === undefined) {
    print(system, 'There are no aliases to rebuild here.\n');
    return sysexits.ok;
  }
  try {
    const exitCode = await (await load()).run({ ...system, args: [] }, wiring);
    return exitCode === 0 ? sysexits.ok : sysexits.data;
  } catch (error) {
    return fail(system, sysexits.inputOutput, `fatal: ${errorText(error)}`);
  }
}

export const sendmail: Program = {
  manual,
  run: async (system, wiring) => {
    const parsed = parseCommandLine(manual, system.args, { permute: true });
    if (!parsed.ok) return fail(system, sysexits.usage, `${parsed.problem}\n${usage(manual)}`);
    const { line } = parsed;
    const mode = line.has('aliases') ? 'i' : (line.value('mode') ?? 'm').charAt(0);
    const refused = refusedModes[mode];
    if (refused !== undefined) return fail(system, sysexits.unavailable, refused);
    switch (mode) {
      case 'p':
        return await listQueue(system, wiring);
      case 'i':
        return await rebuildAliases(system, wiring);
      case 's':
        return await serveSmtp(system, wiring);
      case 'm':
        return line.value('flush') === undefined
          ? await deliver(system, wiring, line)
          : await flushSpool(system, wiring, line.value('flush') ?? '');
      default:
        return fail(system, sysexits.usage, `there is no mode -b${mode}\n${usage(manual)}`);
    }
  },
};
