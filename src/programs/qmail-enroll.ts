/** qmail-enroll: makes this host's key, and introduces it to a hub (qmail-enroll(8)). */
import {
  attemptText,
  formatPackage,
  type Hub,
  hubText,
  parseHub,
  parseHubs,
  parsePin,
  secureProtocol,
  submitPackage,
} from '../../qmqp/index.ts';
import { openControl, readWhole } from '../control/index.ts';
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { exchangeWorld, keyPath } from '../submit/index.ts';
import {
  type ByteString,
  byteStringOf,
  bytesOf,
  errorText,
  type Identities,
  printable,
  type System,
} from '../system/index.ts';
import { complain, print } from './print.ts';
import type { Program } from './program.ts';

const exitUsage = 100;
const exitTemporary = 111;

const timeoutMs = 10_000;

const answerCharactersMax = 100;

const manual: Manual = {
  name: 'qmail-enroll',
  section: 8,
  purpose: 'introduce this host to a hub',
  synopsis: ['[--pin FINGERPRINT ...] [--trust] HOST:PORT ...', '--check', '--next-key', '--use-next-key'],
  description: [
    'qmail-enroll makes a key for this host, if it has none, and prints its fingerprint. Then, for each HOST:PORT, it looks which key the hub there has, and shows its fingerprint. Compare that with what the operator of the hub says (qmail-satellites init prints it): who answers yes, or has given it with --pin, has the hub known by that key from then on. The hub gets a line in control/qmqpservers, behind those that are there, and is asked whether it knows this host. If it does not, the request is noted there, and its operator approves it with qmail-satellites(8). Until then the hub answers Z, and what this host sends waits or goes to another hub.',
    'A fingerprint is sha256: and 64 hexadecimal digits: the SHA-256 of the public key, as "openssl pkey -in control/qmqpskey -pubout -outform DER | sha256sum" prints it.',
    '--check asks each hub in TLS of control/qmqpservers whether it knows this host. Nothing is sent.',
    'To change the key of this host, call qmail-enroll --next-key, which makes control/qmqpskey.next and shows it to the hubs; have it approved there as a second key (qmail-satellites approve NAME FINGERPRINT); call qmail-enroll --use-next-key, which puts it in the place of the old one when every hub knows it, and not before; then have the old one dropped. No message is lost on the way: each hub knows both.',
    'Whoever can read control/qmqpskey can send as this host. It is made with mode 0600, for the user who calls qmail-enroll: call it as the user who sends, or give the file to that user.',
  ],
  options: [
    {
      name: 'pin',
      value: 'FINGERPRINT',
      repeated: true,
      text: 'The hub has this key: do not ask. May be given twice, when the hub is about to change its key.',
    },
    {
      name: 'trust',
      text: 'Take the key that the hub shows, and do not ask: for a network where nobody is in between.',
    },
    { name: 'check', text: 'Ask each hub in TLS whether it knows this host.' },
    { name: 'next-key', text: 'Make the next key, if there is none, and show it to the hubs.' },
    { name: 'use-next-key', text: 'Use the next key from now on, if every hub knows it.' },
  ],
  environment: [['QMAILHOME', 'The directory that holds control/; /var/qmail without it.']],
  controls: [
    ['me', 'What this host calls itself in its certificate. Required to make a key.'],
    ['qmqpservers', 'The hubs; one in TLS is qmqps://HOST:PORT FINGERPRINT [FINGERPRINT].'],
    ['qmqpskey', 'The private key and certificate of this host, in PEM. Made here.'],
  ],
  exitCodes: [
    ['0', 'It is done; with --check, every hub knows this host.'],
    ['100', 'It was called wrongly.'],
    ['111', 'A hub cannot be reached, has another key or does not know this host, or a file cannot be used.'],
  ],
  seeAlso: ['qmail-satellites(8)', 'qmail-qmqpc(8)'],
};

const limits = { connectMs: timeoutMs, idleMs: timeoutMs, totalMs: 3 * timeoutMs };

/** A package without message and recipients: there is nothing to take, and the answer says who we are to the hub. */
const question = formatPackage({ sizeBytes: 0, chunks: () => [] }, { sender: '', recipients: [] });

function identitiesOf(system: System): Identities {
  if (system.identities === undefined) throw new Error('this program cannot speak TLS');
  return system.identities;
}

/** Replaces a file, or makes it, with all of its bytes on the disk. */
function replaceFile(system: System, path: ByteString, text: ByteString, mode: number): void {
  const { files } = system;
  const fresh = `${path}.${system.pid}`;
  const descriptor = files.open(fresh, 'create', mode);
  try {
    files.write(descriptor, bytesOf(text));
    files.sync(descriptor);
  } finally {
    files.close(descriptor);
  }
  files.rename(fresh, path);
  const directory = files.open(path.slice(0, path.lastIndexOf('/')), 'read');
  try {
    files.sync(directory);
  } finally {
    files.close(directory);
  }
}

/** The identity at `path`; a new one is made when there is none. */
async function keyAt(system: System, path: ByteString): Promise<ByteString> {
  const known = readWhole(system, path);
  if (known !== undefined) return known;
  const name = openControl(system).line('me');
  if (!name) throw new Error("control/me is missing: write this host's name into it");
  const identity = await identitiesOf(system).make(name);
  replaceFile(system, path, identity, 0o600);
  return identity;
}

/** The fingerprint of whoever is there. */
async function lookAt(system: System, { host, port }: Hub, identity: ByteString): Promise<ByteString> {
  const { network } = system;
  let reason: unknown;
  for (const address of await network.resolve(host)) {
    try {
      const serverName = address === host ? undefined : host;
      const peer = { address, port, serverName, protocol: secureProtocol, pins: 'any', identity } as const;
      const stream = await network.connectSecure?.(peer, timeoutMs);
      if (stream === undefined) throw new Error('this program cannot speak TLS');
      stream.close();
      return stream.peerFingerprint;
    } catch (error) {
      reason = error;
    }
  }
  throw new Error(
    `${hubText({ host, port })}: ${reason === undefined ? 'it has no address' : errorText(reason)}`,
  );
}

/** One line of descriptor 0. */
function readAnswer(system: System): ByteString {
  const byte = new Uint8Array(1);
  let line = '';
  while (line.length < answerCharactersMax && system.files.read(0, byte) === 1) {
    const character = String.fromCharCode(byte[0] ?? 0);
    if (character === '\n') break;
    line += character;
  }
  return line;
}

function isTrusted(system: System, line: CommandLine, hub: Hub, fingerprint: ByteString): boolean {
  const pins = line.values('pin').map(parsePin);
  if (pins.length > 0) {
    if (pins.includes(fingerprint)) return true;
    throw new Error(`${hubText(hub)} has the key ${fingerprint}, and not the one that was given`);
  }
  if (line.has('trust')) return true;
  print(system, 'Is that the key of the hub? (yes or no) ');
  return readAnswer(system) === 'yes';
}

/** Puts the hub into control/qmqpservers, unless it is there with these pins. */
function addHub(system: System, hub: Hub, pins: readonly ByteString[]): void {
  const path = `${openControl(system).directory}/qmqpservers`;
  const before = readWhole(system, path) ?? '';
  const line = `qmqps://${hub.host.includes(':') ? `[${hub.host}]` : hub.host}:${hub.port} ${pins.join(' ')}`;
  const lines = before.split('\n').filter((text) => text !== '');
  const isSame = (text: ByteString) => {
    const other = parseHub(text);
    return other?.pins !== undefined && other.host === hub.host && other.port === hub.port;
  };
  const index = lines.findIndex(isSame);
  if (index < 0) lines.push(line);
  else lines[index] = line;
  replaceFile(system, path, `${lines.join('\n')}\n`, 0o644);
}

/** Asks a hub whether it knows this identity; prints what it says. */
async function ask(system: System, hub: Hub, identity: ByteString): Promise<boolean> {
  // It is this key that the hub must see, and not the one that a tunnel shows.
  const world = { ...exchangeWorld(system), identity: () => identity, tunnel: () => undefined };
  const { attempts, outcome } = await submitPackage(world, [hub], question, limits);
  for (const attempt of attempts) print(system, `${printable(byteStringOf(attemptText(attempt)))}\n`);
  return outcome?.kind === 'answered' && outcome.answer.verdict === 'K';
}

async function askAll(system: System, identity: ByteString): Promise<boolean> {
  const { hubs } = parseHubs(openControl(system).list('qmqpservers') ?? []);
  const secure = hubs.filter(({ pins }) => pins !== undefined);
  if (secure.length === 0) throw new Error('control/qmqpservers names no hub in TLS');
  let all = true;
  for (const hub of secure) all = (await ask(system, hub, identity)) && all;
  return all;
}

async function enrol(system: System, line: CommandLine, hubs: readonly Hub[]): Promise<number> {
  const identity = await keyAt(system, keyPath(system));
  print(system, `this host: ${identitiesOf(system).fingerprint(identity)}\n`);
  for (const hub of hubs) {
    const fingerprint = await lookAt(system, hub, identity);
    print(system, `${hubText(hub)}: ${fingerprint}\n`);
    if (!isTrusted(system, line, hub, fingerprint)) {
      complain(system, manual.name, `${hubText(hub)} is not added`);
      return exitTemporary;
    }
    const given = line.values('pin').flatMap((pin) => parsePin(pin) ?? []);
    const pins = given.length > 0 ? given : [fingerprint];
    addHub(system, hub, pins);
    await ask(system, { ...hub, pins }, identity);
  }
  return 0;
}

async function nextKey(system: System): Promise<number> {
  const identity = await keyAt(system, `${keyPath(system)}.next`);
  print(system, `next key: ${identitiesOf(system).fingerprint(identity)}\n`);
  await askAll(system, identity);
  return 0;
}

async function useNextKey(system: System): Promise<number> {
  const next = `${keyPath(system)}.next`;
  const identity = readWhole(system, next);
  if (identity === undefined) throw new Error('there is no next key: qmail-enroll --next-key makes it');
  if (!(await askAll(system, identity))) {
    complain(system, manual.name, 'the key stays as it is: not every hub knows the next one');
    return exitTemporary;
  }
  system.files.rename(next, keyPath(system));
  return 0;
}

async function check(system: System): Promise<number> {
  const identity = readWhole(system, keyPath(system));
  if (identity === undefined) throw new Error('this host has no key');
  return (await askAll(system, identity)) ? 0 : exitTemporary;
}

const modes: Readonly<Record<string, (system: System) => Promise<number>>> = {
  check,
  'next-key': nextKey,
  'use-next-key': useNextKey,
};

/** The hubs that are named, or what is wrong. */
function hubsOf(line: CommandLine): readonly Hub[] | string {
  const hubs: Hub[] = [];
  for (const word of line.operands) {
    const text = byteStringOf(word);
    const hub = parseHub(text);
    if (hub === undefined || hub.pins !== undefined || !text.endsWith(`:${hub.port}`))
      return `${word} is no HOST:PORT`;
    hubs.push(hub);
  }
  const pins = line.values('pin');
  if (pins.length > 2) return 'a hub has two pins at most';
  const wrong = pins.find((pin) => parsePin(pin) === undefined);
  return wrong === undefined ? hubs : `${wrong}: a fingerprint is sha256: and 64 hexadecimal digits`;
}

export const qmailEnroll: Program = {
  manual,
  async run(system) {
    const parsed = parseCommandLine(manual, system.args, { permute: true });
    const given = parsed.ok ? Object.keys(modes).filter((name) => parsed.line.has(name)) : [];
    const hubs = parsed.ok ? hubsOf(parsed.line) : [];
    const [mode] = given;
    const isWrong = given.length > 1 || (mode === undefined) === (hubs.length === 0);
    if (!parsed.ok || typeof hubs === 'string' || isWrong) {
      const problem = parsed.ok ? (typeof hubs === 'string' ? hubs : '') : parsed.problem;
      complain(system, manual.name, problem === '' ? usage(manual) : `${problem}\n${usage(manual)}`);
      return exitUsage;
    }
    try {
      const run = mode === undefined ? undefined : modes[mode];
      return await (run === undefined ? enrol(system, parsed.line, hubs) : run(system));
    } catch (error) {
      complain(system, manual.name, `fatal: ${errorText(error)}`);
      return exitTemporary;
    }
  },
};
