/** qmail-satellites: which satellites may send to this hub, by their keys (qmail-satellites(8)). */
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { parsePin } from '../../qmqp/index.ts';
import { homeDirectory, openControl } from '../control/index.ts';
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import type { Account } from '../process/index.ts';
import { listRequests, parseSatelliteFile, readUsage, removeRequest, requestsMax } from '../serve/index.ts';
import { asciiJson, errorText, type System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { hubAccountNames } from './hub-accounts.ts';
import { keyOwner } from './key-owner.ts';
import { complain, print } from './print.ts';
import type { Program } from './program.ts';
import {
  makeSatelliteDirectories,
  openSatelliteFiles,
  replaceFile,
  revoked,
  type SatelliteFiles,
  withKey,
  withoutKey,
} from './satellite-files.ts';

const exitUsage = 100;
const exitTemporary = 111;

const manual: Manual = {
  name: 'qmail-satellites',
  section: 8,
  purpose: 'say which satellites may send to this hub',
  synopsis: [
    '[--user NAME] init',
    '[--json] [list]',
    'approve NAME [FINGERPRINT]',
    'drop NAME FINGERPRINT',
    'revoke NAME',
    'rename NAME NEWNAME',
    '[--user NAME] next-key',
    'use-next-key',
  ],
  description: [
    'A satellite that sends in TLS (QMQPS) is known by its key and by nothing else. Each has a file control/satellites/NAME with the fingerprint of its key and what it may do; NAME stands in Received and in the log. A change holds from the next connection on, and needs no signal.',
    'init makes the key of this hub, control/qmqpskey, for the user as whom the server runs, and the directories; it prints the fingerprint that satellites pin. When there is a key, it only prints that. A fingerprint is sha256: and 64 hexadecimal digits.',
    'list shows each satellite, how many keys it has, when it was last heard of, and what it has sent; then the keys that nobody knows, which have been shown to this hub by qmail-enroll(8) or by anything else in TLS. Compare a fingerprint with what its owner says before you approve it.',
    'approve lets a satellite send: NAME is what the request claims, or any name, with the FINGERPRINT. A satellite that has a key gets a second one; one that was revoked may send again. drop takes a key away. revoke lets it send no more and keeps its file, so that it is told so. rename gives it another name.',
    'The file has a line for each thing, a word and its values: key FINGERPRINT, one or two; senders and recipients, each with addresses: user@host, @host for all of a host, @.host for all hosts that end so; bytes NUMBER, the largest message; rate NUMBER/UNIT [burst NUMBER], messages per s, m, h or d, and how many may come at once; domain NAME, which replaces the domain of every sender; revoked. What no line says is not restricted. Bounces, which have no sender, pass senders and domain. A file that cannot be understood lets nothing pass. Who sends what is not allowed is told D; who sends too fast, Z.',
    'To change the key of a satellite, see qmail-enroll(8). To change the key of the hub: next-key makes control/qmqpskey.next and prints its fingerprint; add it to the line of this hub in control/qmqpservers of each satellite, as a second pin; then use-next-key puts it in the place of the other; then take the first pin away. No message is lost on the way: each satellite knows both.',
  ],
  options: [
    {
      name: 'user',
      value: 'NAME',
      text: `Who the server runs as and the key is for. Default, for root: ${hubAccountNames.server}, if there is one.`,
    },
    {
      name: 'json',
      text: 'Print the list as one JSON object: satellites (name, keys, revoked, last, messages, recipients, bytes, problem) and requests (fingerprint, name, address, time).',
    },
  ],
  environment: [['QMAILHOME', 'The directory that holds control/; /var/qmail without it.']],
  controls: [['qmqpskey', 'The private key and certificate of this hub, in PEM. Made by init.']],
  exitCodes: [
    ['0', 'It is done.'],
    ['100', 'It was called wrongly.'],
    ['111', 'It could not be done, and nothing was changed.'],
  ],
  limits: [['requests that are kept', `${requestsMax}, for a week`]],
  seeAlso: ['qmail-enroll(8)', 'qmail-qmqpd(8)', 'qmail-start(8)'],
};

/** Whom the key is for: undefined for the caller. */
function ownerOf(system: System, line: CommandLine): Account | undefined {
  return keyOwner(system, line.value('user'), hubAccountNames.server);
}

interface Place {
  readonly system: System;
  readonly control: string;
  readonly directory: string;
}

async function makeKey({ system, control }: Place, file: string, owner: Account | undefined): Promise<void> {
  if (system.identities === undefined) throw new Error('this program cannot make keys');
  const { directory } = openControl(system);
  const name = openControl(system).line('me');
  if (!name) throw new Error(`${directory}/me is missing: write this host's name into it`);
  replaceFile(
    `${control}/${file}`,
    await system.identities.make(name),
    owner === undefined ? 0o600 : 0o400,
    owner,
  );
}

function printFingerprint({ system, control }: Place, file: string): void {
  const identity = readFileSync(`${control}/${file}`, 'latin1');
  print(system, `${system.identities?.fingerprint(identity)}\n`);
}

async function init(place: Place, line: CommandLine): Promise<void> {
  const owner = ownerOf(place.system, line);
  makeSatelliteDirectories(place.directory, owner);
  if (!existsSync(`${place.control}/qmqpskey`)) await makeKey(place, 'qmqpskey', owner);
  printFingerprint(place, 'qmqpskey');
}

async function nextKey(place: Place, line: CommandLine): Promise<void> {
  if (!existsSync(`${place.control}/qmqpskey.next`))
    await makeKey(place, 'qmqpskey.next', ownerOf(place.system, line));
  printFingerprint(place, 'qmqpskey.next');
}

interface Listed {
  readonly name: string;
  readonly keys: readonly string[];
  readonly revoked: boolean;
  readonly last: string | null;
  readonly messages: number;
  readonly recipients: number;
  readonly bytes: number;
  readonly problem: string | null;
}

const isoOf = (ms: number) => (ms === 0 ? null : new Date(Math.floor(ms)).toISOString());

function listed(files: SatelliteFiles, name: string): Listed {
  const { lastMs, ...sent } = readUsage(`${files.directory}/.heard`, name);
  const last = isoOf(lastMs);
  try {
    const policy = parseSatelliteFile(files.text(name) ?? '');
    return { name, keys: policy.keys, revoked: policy.revoked, last, ...sent, problem: null };
  } catch (error) {
    return { name, keys: [], revoked: false, last, ...sent, problem: errorText(error) };
  }
}

function stateOf({ problem, revoked: isRevoked, keys }: Listed): string {
  if (problem !== null) return `UNUSABLE: ${problem}`;
  if (isRevoked) return 'revoked';
  return keys.length === 1 ? '1 key' : `${keys.length} keys`;
}

function list({ system, directory }: Place, line: CommandLine): void {
  const files = openSatelliteFiles(directory);
  const satellites = files.names().map((name) => listed(files, name));
  const requests = listRequests(`${directory}/.requests`).map(({ fingerprint, name, ip, atMs }) => ({
    fingerprint,
    name,
    address: ip,
    time: isoOf(atMs),
  }));
  if (line.has('json')) {
    print(system, `${asciiJson({ satellites, requests })}\n`);
    return;
  }
  for (const satellite of satellites) {
    const { name, last, messages, recipients, bytes } = satellite;
    const sent = `${messages} messages to ${recipients} recipients, ${bytes} bytes`;
    print(
      system,
      `${name}: ${stateOf(satellite)}; ${last === null ? 'never heard of' : `last ${last}; ${sent}`}\n`,
    );
  }
  for (const { fingerprint, name, address, time } of requests)
    print(
      system,
      `request: ${fingerprint} calls itself ${name === '' ? '(no name)' : name}, from ${address}, ${time}\n`,
    );
}

function pinOf(text: string): string {
  const pin = parsePin(text);
  if (pin === undefined) throw new Error(`${text}: a fingerprint is sha256: and 64 hexadecimal digits`);
  return pin;
}

/** The key that asks under this name, when exactly one does. */
function requestedKey(requestDirectory: string, name: string): string {
  const [request, ...others] = listRequests(requestDirectory).filter((one) => one.name === name);
  if (request === undefined) throw new Error(`no key asks to be ${name}: give its fingerprint`);
  if (others.length > 0) throw new Error(`${others.length + 1} keys ask to be ${name}: give the fingerprint`);
  return request.fingerprint;
}

function approve({ directory }: Place, name: string, given: string | undefined): void {
  const files = openSatelliteFiles(directory);
  const requestDirectory = `${directory}/.requests`;
  const before = files.text(name);
  const asks = listRequests(requestDirectory).some((request) => request.name === name);
  if (given === undefined && !asks && before !== undefined && parseSatelliteFile(before).revoked) {
    files.write(name, withKey(before, parseSatelliteFile(before).keys[0] ?? ''));
    return;
  }
  const fingerprint = given === undefined ? requestedKey(requestDirectory, name) : pinOf(given);
  const owner = files
    .names()
    .find((other) => other !== name && listed(files, other).keys.includes(fingerprint));
  if (owner !== undefined) throw new Error(`${owner} has this key`);
  files.write(name, withKey(before ?? '', fingerprint));
  removeRequest(requestDirectory, fingerprint);
}

function change({ directory }: Place, name: string, edit: (text: string) => string): void {
  const files = openSatelliteFiles(directory);
  const text = files.text(name);
  if (text === undefined) throw new Error(`there is no satellite ${name}`);
  files.write(name, edit(text));
}

type Command = (place: Place, line: CommandLine, words: readonly string[]) => void | Promise<void>;

/** Commands, with how many words may follow each. */
const commands: Readonly<Record<string, readonly [least: number, most: number, command: Command]>> = {
  init: [0, 0, init],
  list: [0, 0, list],
  approve: [1, 2, (place, _line, [name = '', pin]) => approve(place, name, pin)],
  drop: [
    2,
    2,
    (place, _line, [name = '', pin = '']) => change(place, name, (text) => withoutKey(text, pinOf(pin))),
  ],
  revoke: [1, 1, (place, _line, [name = '']) => change(place, name, revoked)],
  rename: [
    2,
    2,
    (place, _line, [from = '', to = '']) => openSatelliteFiles(place.directory).rename(from, to),
  ],
  'next-key': [0, 0, nextKey],
  'use-next-key': [0, 0, ({ control }) => renameSync(`${control}/qmqpskey.next`, `${control}/qmqpskey`)],
};

export const qmailSatellites: Program = {
  manual,
  async run(system) {
    const parsed = parseCommandLine(manual, system.args, { permute: true });
    const [word = 'list', ...words] = parsed.ok ? parsed.line.operands : [];
    const found = Object.hasOwn(commands, word) ? commands[word] : undefined;
    if (!parsed.ok || found === undefined || words.length < found[0] || words.length > found[1]) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    const control = nativeText(`${homeDirectory(system)}/control`);
    try {
      await found[2]({ system, control, directory: `${control}/satellites` }, parsed.line, words);
      return 0;
    } catch (error) {
      complain(system, manual.name, `fatal: ${errorText(error)}`);
      return exitTemporary;
    }
  },
};
