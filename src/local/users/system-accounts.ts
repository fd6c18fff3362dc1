/**
 * The system's accounts, from wherever nsswitch.conf(5) has them: getent(1) asks in a process of its own, for Node
 * cannot. It runs without a shell and, when the caller is root, as somebody else. Where there is no getent,
 * /etc/passwd is read.
 */
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { createGate } from '../../process/index.ts';
import { type ByteString, errorCode, errorText, SystemError } from '../../system/index.ts';
import { nativeText } from '../../system/node/index.ts';
import { findInPasswd, parsePasswdLine, type SystemAccount } from './passwd.ts';

export interface Accounts {
  /** The account of that name, or undefined when there is none. Rejects when that cannot be known now. */
  find(name: ByteString): Promise<SystemAccount | undefined>;
}

export interface SystemAccountsOptions {
  /** Whom getent runs as, when the caller is root and it shall not be. */
  readonly identity?: { readonly uid: number; readonly gid: number };
  /** The program, looked for along $PATH. */
  readonly getent?: string;
  /** What is read without it, and for names that getent would take for numbers. */
  readonly passwdFile?: string;
}

/** A name longer than this is nobody's. */
const nameBytesMax = 255;

/** How long one look-up may take. */
const lookupMs = 10_000;

/** Look-ups at the same time; others wait. */
const lookupsMax = 8;

/** An entry is a line. What answers more is not understood. */
const entryBytesMax = 65_536;

const passwdBytesMax = 16 * 1024 * 1024;

/** getent(1): the key was not found. */
const exitNotFound = 2;

const pathDefault = '/usr/local/bin:/usr/bin:/bin';

/** Bytes that end a name in passwd(5), or a string in C. */
function isPossible(name: ByteString): boolean {
  return name !== '' && name.length <= nameBytesMax && ![':', '\n', '\0'].some((byte) => name.includes(byte));
}

/** What strtoul takes for a number as a whole, getent takes for a uid: blanks, a sign, digits. */
function isNumeric(name: ByteString): boolean {
  let index = 0;
  while (' \t\n\v\f\r'.includes(name.charAt(index)) && index < name.length) index += 1;
  if (name.charAt(index) === '+' || name.charAt(index) === '-') index += 1;
  if (index === name.length) return false;
  for (; index < name.length; index += 1) {
    if (name.charAt(index) < '0' || name.charAt(index) > '9') return false;
  }
  return true;
}

/** As an argument, or undefined for bytes that cannot be one: no account has such a name. */
function asArgument(name: ByteString): string | undefined {
  try {
    return nativeText(name);
  } catch {
    return undefined;
  }
}

export function systemAccounts({
  identity,
  getent = 'getent',
  passwdFile = '/etc/passwd',
}: SystemAccountsOptions = {}): Accounts {
  const gate = createGate(lookupsMax);

  async function fromFile(name: ByteString): Promise<SystemAccount | undefined> {
    const { size } = await stat(passwdFile);
    if (size > passwdBytesMax)
      throw new SystemError('EFBIG', `${passwdFile} has more than ${passwdBytesMax} bytes`);
    return findInPasswd(await readFile(passwdFile, 'latin1'), name);
  }

  /** What getent prints: one line, or undefined when it knows no such account. */
  function ask(argument: string): Promise<ByteString | undefined> {
    const options = {
      encoding: 'latin1' as const,
      cwd: '/',
      env: { PATH: process.env['PATH'] || pathDefault },
      timeout: lookupMs,
      killSignal: 'SIGKILL' as const,
      maxBuffer: entryBytesMax,
      ...identity,
    };
    return new Promise((resolve, reject) => {
      execFile(getent, ['passwd', '--', argument], options, (error, stdout) => {
        if (error === null) resolve(stdout);
        else if (error.code === exitNotFound) resolve(undefined);
        else reject(error);
      }).stdin?.end();
    });
  }

  async function find(name: ByteString): Promise<SystemAccount | undefined> {
    const argument = isPossible(name) ? asArgument(name) : undefined;
    if (argument === undefined) return undefined;
    if (isNumeric(name)) return await fromFile(name);
    let printed: ByteString | undefined;
    try {
      printed = await ask(argument);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return await fromFile(name);
      throw new SystemError('EIO', `${getent} failed: ${errorText(error).trimEnd()}`, error);
    }
    if (printed === undefined) return undefined;
    const account = parsePasswdLine(printed.slice(0, printed.indexOf('\n')));
    if (account === undefined) throw new SystemError('EPROTO', `${getent} printed no entry`);
    return account;
  }

  return { find: (name) => gate(() => find(name)) };
}
