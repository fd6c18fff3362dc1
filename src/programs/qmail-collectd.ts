/** qmail-collectd: takes messages of the users of a box, and alone needs to read its key and write its spool. */
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { directoryIn, satelliteQueue } from '../satellite/index.ts';
import { collectorLimits, runCollector } from '../satellite/later.ts';
import {
  type ByteString,
  byteStringOf,
  bytesOf,
  type Descriptor,
  errorText,
  type System,
} from '../system/index.ts';
import { parseDuration } from './duration.ts';
import { complain, print } from './print.ts';
import type { Program } from './program.ts';

const limits = collectorLimits;

/** How long a collector that was started on demand waits for another message. */
const idleMsDefault = 30_000;

/** Where systemd puts the first socket that it hands on (sd_listen_fds(3)). */
const handedOn = 3;

const manual: Manual = {
  name: 'qmail-collectd',
  section: 8,
  purpose: 'take the messages of the users of a box',
  synopsis: ['[--descriptor N] [--idle TIME] [DIRECTORY]'],
  description: [
    'On a box with several users, not everybody should read the key by which hubs know the box, or write its spool. There qmail-collectd runs as a user of its own who owns both. It listens on the Unix socket DIRECTORY/intake, takes a message, puts a Received field on top that names the uid of the caller, and hands it to a hub, or keeps it in the spool, as qmail-qmqpc does. The answer that the caller gets is the one that it would have got from there. No program is set-user-id or set-group-id, and a caller needs no privilege.',
    'Programs of the box, as sendmail, use it when their control/collector names DIRECTORY. They prove who calls by a file that they make in DIRECTORY/proof, a sticky directory that nobody but its owner can list. Both directories must belong to the user of qmail-collectd, or be set up by root: DIRECTORY with mode 755, DIRECTORY/proof with 1733.',
    'Started by a systemd socket unit, or with --descriptor, it serves a socket that listens already, and ends when nobody has called for a while: the socket starts it again. Otherwise it makes the socket and runs until a signal ends it. Any signal may end it at any time: a message whose caller has no answer yet was not taken.',
    'It reads its own control files, from its own QMAILHOME, so that they may be where nobody else can read them.',
  ],
  options: [
    { name: 'descriptor', value: 'N', text: 'Serve the socket that listens on this descriptor.' },
    {
      name: 'idle',
      value: 'TIME',
      text: 'End after so long without a caller, as 30s or 5m. Default: 30s with a socket that listens already, else never.',
    },
  ],
  environment: [
    ['QMAILHOME', 'The directory that holds control/; /var/qmail without it.'],
    ['LISTEN_FDS, LISTEN_PID', 'Set by systemd: the socket is descriptor 3.'],
    ['TMPDIR', 'Where messages over 64 KiB wait; else /tmp, /var/tmp, /dev/shm.'],
  ],
  controls: [
    ['collector', 'DIRECTORY, where none is named.'],
    ['qmqpservers and others', 'See qmail-qmqpc(8).'],
  ],
  exitCodes: [
    ['0', 'Nobody has called for so long.'],
    ['100', 'It was called wrongly.'],
    ['111', 'The directory or the socket cannot be used, or another collector has it.'],
  ],
  limits: [
    [
      'connections',
      `${limits.connectionsMax}, and ${limits.connectionsPerUserMax} that one user sends a message on`,
    ],
    ['message', `${limits.messageBytesMax} bytes`],
    ['address', `${limits.addressBytesMax} bytes`],
    ['recipients', `${limits.recipientsMax}`],
    ['envelope', `${limits.envelopeBytesMax} bytes`],
    [
      'silence',
      `${limits.beginMs / 1000} seconds until a message begins, ${limits.stepMs / 1000} in it, ${limits.totalMs / 1000} in all`,
    ],
    [
      'what is read after an early refusal',
      `${limits.lingerMs / 1000} seconds and ${limits.lingerBytesMax} bytes`,
    ],
  ],
  bugs: [
    'A caller that is ended before it has its answer does not know whether its message was taken: what is on its way to a hub goes on.',
    'A user who opens connections and sends nothing on them can keep others waiting for some seconds each: who calls is known only when a message begins.',
  ],
  seeAlso: ['qmail-qmqpc(8)', 'sendmail(1)'],
};

const exitUsage = 100;
const exitTemporary = 111;

const descriptorMax = 1000;

function parseDescriptor(text: string): Descriptor | undefined {
  const descriptor = Number(text);
  return Number.isInteger(descriptor) && descriptor > 2 && descriptor <= descriptorMax
    ? descriptor
    : undefined;
}

interface Call {
  readonly descriptor: Descriptor | undefined;
  readonly idleMs: number | undefined;
}

/** What was asked for, or what is wrong with it. */
function readCall(system: System, line: CommandLine): Call | string {
  const where = line.value('descriptor');
  const handed = system.env('LISTEN_PID') === String(system.pid) && Number(system.env('LISTEN_FDS')) >= 1;
  let descriptor = handed ? handedOn : undefined;
  if (where !== undefined) {
    descriptor = parseDescriptor(where);
    if (descriptor === undefined) return `${where} is no descriptor`;
  }
  const time = line.value('idle');
  const idleMs = time === undefined ? undefined : parseDuration(time);
  if (time !== undefined && !idleMs) return `${time} is no time`;
  return { descriptor, idleMs: idleMs ?? (descriptor === undefined ? undefined : idleMsDefault) };
}

async function collect(system: System, directory: ByteString, call: Call): Promise<number> {
  if (call.descriptor === undefined) {
    const lock = system.files.openLocked(`${directory}/lock`, 0o600, 0);
    if (lock === undefined) {
      complain(system, manual.name, `fatal: another collector listens in ${directory}`);
      return exitTemporary;
    }
  }
  await runCollector(system, {
    ...call,
    directory,
    queue: satelliteQueue,
    onReady: () => print(system, `listening collector ${directory}/intake\n`),
    log: (text) => system.files.write(2, bytesOf(byteStringOf(`${text}\n`))),
  });
  return 0;
}

export const qmailCollectd: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || parsed.line.operands.length > 1) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    const call = readCall(system, parsed.line);
    if (typeof call === 'string') {
      complain(system, manual.name, `fatal: ${call}`);
      return exitUsage;
    }
    try {
      const directory = parsed.line.operands[0] ?? directoryIn(system, 'collector');
      if (directory === undefined) {
        complain(system, manual.name, 'fatal: no DIRECTORY: name it, or write it into control/collector');
        return exitUsage;
      }
      return await collect(system, directory, call);
    } catch (error) {
      complain(system, manual.name, `fatal: ${errorText(error)}`);
      return exitTemporary;
    }
  },
};
