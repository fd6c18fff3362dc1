/** qmail-poppasswd: keeps users/poppasswd, the passwords for mail that are no passwords of the system. */
import { homeDirectory } from '../control/index.ts';
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import {
  formatEntry,
  isPossibleName,
  loginBytesMax,
  makeScryptHash,
  nameBytesMax,
  type PasswordEntry,
} from '../serve/passwords/index.ts';
import { type ByteString, errorText, printable, type System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { passwordFilePath, readPasswordFile } from './login-account.ts';
import { complain, print } from './print.ts';
import type { Program } from './program.ts';
import { readSecret } from './read-secret.ts';
import { replaceFile } from './satellite-files.ts';

const exitUsage = 100;
const exitTemporary = 111;

/** With the NUL bytes and the timestamp of a login, there is room for it. */
const passwordBytesMax = 200;

const manual: Manual = {
  name: 'qmail-poppasswd',
  section: 8,
  purpose: 'keep the passwords with which mail can be read',
  synopsis: ['[--user ACCOUNT] [--home DIR] NAME', '--remove NAME', '--list'],
  description: [
    'qmail-poppasswd reads a password, one line, on descriptor 0, and enters a hash of it for NAME into HOME/users/poppasswd, in place of the one that was there. On a terminal it asks, and shows nothing of what is typed. The file is made when it is missing; from then on checkpassword knows the passwords in it and no others.',
    'Each line is NAME:HASH:ACCOUNT:DIR. ACCOUNT is the account as which NAME reads, without it the user who gets the mail for NAME; DIR is the home, without it that of the account. Both stay as they were when a password is only changed.',
    'The hash is one of scrypt (RFC 7914). The file can be read by its owner alone, and is replaced as a whole.',
  ],
  options: [
    { name: 'user', value: 'ACCOUNT', text: 'The account as which NAME reads.' },
    { name: 'home', value: 'DIR', text: 'An absolute path: the home in which the Maildir of NAME is.' },
    { name: 'remove', text: 'Take NAME out of the file.' },
    { name: 'list', text: 'Print the names, one a line.' },
  ],
  environment: [['QMAILHOME', 'The directory that holds users/; /var/qmail without it.']],
  exitCodes: [
    ['0', 'It is done.'],
    ['100', 'It was called wrongly, there is no password, or NAME to be removed is not there.'],
    ['111', 'The file cannot be read or written.'],
  ],
  limits: [
    ['name', `${nameBytesMax} bytes`],
    ['password', `${passwordBytesMax} bytes (a login has ${loginBytesMax} in all)`],
  ],
  seeAlso: ['checkpassword(8)', 'qmail-popup(8)', 'qmail-newu(8)'],
};

function write(home: ByteString, entries: readonly PasswordEntry[]): void {
  replaceFile(nativeText(passwordFilePath(home)), entries.map(formatEntry).join(''), 0o600);
}

type Done = { readonly ok: true } | { readonly ok: false; readonly problem: string };

const done: Done = { ok: true };

function change(system: System, home: ByteString, name: ByteString, line: CommandLine): Done {
  const entries = readPasswordFile(system, home) ?? [];
  const before = entries.find((entry) => entry.name === name);
  const others = entries.filter((entry) => entry !== before);
  if (line.has('remove')) {
    if (before === undefined)
      return { ok: false, problem: `${printable(name)} is not in ${passwordFilePath(home)}` };
    write(home, others);
    return done;
  }
  const password = readSecret(system, `Password for ${printable(name)}: `, passwordBytesMax);
  if (password === undefined || password === '' || password.includes('\0')) {
    return { ok: false, problem: `the password must be a line of 1 to ${passwordBytesMax} bytes` };
  }
  const entry = {
    name,
    hash: makeScryptHash(password),
    user: line.value('user') ?? before?.user ?? '',
    home: line.value('home') ?? before?.home ?? '',
  };
  if (entry.home !== '' && !entry.home.startsWith('/'))
    return { ok: false, problem: 'DIR must begin with /' };
  if (entry.user !== '' && !isPossibleName(entry.user)) return { ok: false, problem: 'this is no ACCOUNT' };
  if (entry.home.includes(':') || entry.home.includes('\n'))
    return { ok: false, problem: 'DIR may not have a colon or a line end in it' };
  write(home, [...others, entry]);
  return done;
}

export const qmailPoppasswd: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || parsed.line.operands.length !== (parsed.line.has('list') ? 0 : 1)) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    const home = homeDirectory(system);
    const { line } = parsed;
    try {
      if (line.has('list')) {
        for (const { name } of readPasswordFile(system, home) ?? []) print(system, `${printable(name)}\n`);
        return 0;
      }
      const [name = ''] = line.operands;
      const result = isPossibleName(name)
        ? change(system, home, name, line)
        : ({ ok: false, problem: `${printable(name)} is no name` } as const);
      if (result.ok) return 0;
      complain(system, manual.name, result.problem);
      return exitUsage;
    } catch (error) {
      complain(system, manual.name, `fatal: ${errorText(error)}`);
      return exitTemporary;
    }
  },
};
