/** qmail-dkim-key: makes the keys that messages are signed with, and says what DNS has to say of them. */
import { generateKeyPairSync } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { openControl } from '../control/index.ts';
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import type { Account } from '../process/index.ts';
import { dkimDirectory, dkimKeySuffix, dkimKeysMax, dkimKeysOf, isSelector } from '../remote/index.ts';
import { errorText, lowerAscii, type System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { dkimRecord, zoneLine } from './dkim-record.ts';
import { hubAccountNames } from './hub-accounts.ts';
import { keyOwner } from './key-owner.ts';
import { complain, print } from './print.ts';
import type { Program } from './program.ts';
import { replaceFile } from './satellite-files.ts';

const exitUsage = 100;
const exitTemporary = 111;

/** RFC 8301 3.2: at least 1024, should be 2048. A longer one does not fit into what some resolvers take. */
const rsaBits = 2048;

const keyTypes = ['rsa', 'ed25519'] as const;

type KeyType = (typeof keyTypes)[number];

const manual: Manual = {
  name: 'qmail-dkim-key',
  section: 8,
  purpose: 'make keys that messages are signed with',
  synopsis: ['[--user NAME] [--selector NAME] [--type rsa|ed25519] make DOMAIN', 'show [DOMAIN ...]'],
  description: [
    'Messages for other hosts are signed (DKIM) when the domain of the address in their From field has keys in control/dkim/DOMAIN, or when the next domain above it has. Every key there signs: files SELECTOR.key, each a private key in PEM, RSA or Ed25519. Nothing has to be told or started anew.',
    'make makes keys for DOMAIN and prints, for each, the record that has to stand in DNS. Without --type it makes one of each kind: RSA, which all receivers know, and Ed25519, which is short. A message gets a signature of both.',
    'show prints the records of the keys that are there.',
    'To change keys, make new ones under another selector, publish their records, and take the old files away; take the old records out of DNS a week later, when no message that they have signed is on its way. To make ready in advance, move the new files to another directory until their records are published.',
    'The files and their directory are made for the user as whom messages are sent, and nobody else but root can read them.',
  ],
  options: [
    {
      name: 'user',
      value: 'NAME',
      text: `Who is to read the keys. Default, for root: ${hubAccountNames.remote}, if there is one.`,
    },
    {
      name: 'selector',
      value: 'NAME',
      text: 'The first part of the selectors, before -rsa and -ed25519. Default: year and month, as in 202611.',
    },
    { name: 'type', value: 'KIND', text: 'Make one key of this kind only.' },
  ],
  environment: [['QMAILHOME', 'The directory that holds control/; /var/qmail without it.']],
  exitCodes: [
    ['0', 'It is done.'],
    ['100', 'It was called wrongly.'],
    ['111', 'It could not be done, or not all of it. A key that is there is never replaced.'],
  ],
  limits: [['keys of a domain', String(dkimKeysMax)]],
  seeAlso: ['qmail-remote(8)', 'qmail-rspawn(8)'],
};

function privateKeyOf(type: KeyType): string {
  const { privateKey } =
    type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: rsaBits }) : generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Year and month. */
function selectorNow(system: System): string {
  return new Date(system.now()).toISOString().slice(0, 'yyyy-mm'.length).replace('-', '');
}

function makeDirectory(path: string, owner: Account | undefined): void {
  if (existsSync(path)) return;
  mkdirSync(path, { mode: 0o700 });
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
}

function show(system: System, domain: string): void {
  const keys = dkimKeysOf(system, openControl(system), domain);
  if (keys.length === 0) throw new Error(`${domain} has no keys: qmail-dkim-key make ${domain}`);
  for (const key of keys) print(system, `${zoneLine(dkimRecord(key))}\n`);
}

function make(system: System, line: CommandLine, domain: string): void {
  const control = openControl(system);
  const type = line.value('type');
  const types = keyTypes.filter((one) => type === undefined || one === type);
  const start = line.value('selector') ?? selectorNow(system);
  const selectors = types.map((one) => [one, `${start}-${one}`] as const);
  for (const [, selector] of selectors)
    if (!isSelector(selector)) throw new Error(`${selector} is no selector`);
  const top = nativeText(dkimDirectory(control));
  const directory = `${top}/${domain}`;
  const have = existsSync(directory) ? readdirSync(directory) : [];
  const taken = selectors.find(([, selector]) => have.includes(`${selector}${dkimKeySuffix}`));
  if (taken !== undefined) throw new Error(`${domain} has a key ${taken[1]}: give another --selector`);
  const count = have.filter((name) => name.endsWith(dkimKeySuffix)).length;
  if (count + types.length > dkimKeysMax)
    throw new Error(`${domain} would have more than ${dkimKeysMax} keys: remove old ones from ${directory}`);
  const owner = keyOwner(system, line.value('user'), hubAccountNames.remote);
  makeDirectory(top, owner);
  makeDirectory(directory, owner);
  for (const [one, selector] of selectors) {
    const privateKey = privateKeyOf(one);
    replaceFile(`${directory}/${selector}${dkimKeySuffix}`, privateKey, 0o400, owner);
    print(system, `${zoneLine(dkimRecord({ domain, selector, privateKey }))}\n`);
  }
}

/** Domains that have a directory. */
function domains(system: System): readonly string[] {
  const top = nativeText(dkimDirectory(openControl(system)));
  return existsSync(top) ? readdirSync(top).filter(isSelector).sort() : [];
}

export const qmailDkimKey: Program = {
  manual,
  async run(system) {
    const parsed = parseCommandLine(manual, system.args, { permute: true });
    const [word, ...names] = parsed.ok ? parsed.line.operands.map(lowerAscii) : [];
    const type = parsed.ok ? parsed.line.value('type') : undefined;
    const isWrong = !(word === 'make' && names.length === 1) && !(word === 'show' && type === undefined);
    if (!parsed.ok || isWrong || !keyTypes.some((one) => type === undefined || one === type)) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    const strange = names.find((name) => !isSelector(name));
    if (strange !== undefined) {
      complain(system, manual.name, `${strange} is no domain`);
      return exitUsage;
    }
    try {
      if (word === 'make') make(system, parsed.line, names[0] ?? '');
      else for (const domain of names.length > 0 ? names : domains(system)) show(system, domain);
      return 0;
    } catch (error) {
      complain(system, manual.name, `fatal: ${errorText(error)}`);
      return exitTemporary;
    }
  },
};
