/**
 * The rules of qmail-getpw(8): NAME and NAME-ANYTHING belong to the account NAME if that is not root and owns its
 * home; the longest such name counts. All other addresses belong to the alias user.
 *
 * One thing is done better. An account that people can log in to, and whose home is missing, is one whose file system
 * is not there at the moment: its mail waits, where qmail-getpw would let the alias user refuse it for good.
 */
import { stat } from 'node:fs/promises';
import {
  type ByteString,
  errorCode,
  errorText,
  lowerAscii,
  printable,
  SystemError,
} from '../../system/index.ts';
import { nativePath } from '../../system/node/index.ts';
import { deferred, type FoundUser } from './found-user.ts';
import type { SystemAccount } from './passwd.ts';
import { type Memory, remember } from './remember.ts';
import type { Accounts } from './system-accounts.ts';

export interface PasswordUsersOptions {
  readonly accounts: Accounts;
  readonly aliasName: ByteString;
  readonly memory?: Memory;
  /** Who owns a directory. */
  readonly ownerOf?: (path: ByteString) => Promise<number>;
}

/** Long enough for a burst of mail, short enough for a new account. */
export const rememberMsDefault = 5_000;

/** Names that are remembered at the same time. */
export const namesRememberedMax = 10_000;

export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

const memoryDefault: Memory = {
  rememberMs: rememberMsDefault,
  entriesMax: namesRememberedMax,
  now: monotonicMs,
};

export interface PasswordUsers {
  find(local: ByteString): Promise<FoundUser>;
}

/** Names are shorter than this, in bytes. */
const nameBytesEnd = 32;

/** What separates a name from an extension. */
const separator = '-';

/** Errors that say what a home is. All others say that it cannot be looked at now. */
const lastingErrors = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG', 'EINVAL']);

/** Debian's word for no home at all. */
const noHome = '/nonexistent';

/** Shells of accounts that nobody logs in to. */
const noShells = new Set(['nologin', 'false']);

function isForPeople({ home, shell }: SystemAccount): boolean {
  return home !== noHome && !noShells.has(shell.slice(shell.lastIndexOf('/') + 1));
}

interface Candidate {
  readonly name: ByteString;
  readonly dash: ByteString;
  readonly extension: ByteString;
}

/** What the address may stand for, longest name first. The extension keeps its letters as they are. */
export function candidatesOf(local: ByteString): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (let length = Math.min(local.length, nameBytesEnd - 1); length > 0; length -= 1) {
    const isWhole = length === local.length;
    if (!isWhole && local.charAt(length) !== separator) continue;
    const dash = isWhole ? '' : separator;
    const name = lowerAscii(local.slice(0, length));
    candidates.push({ name, dash, extension: local.slice(length + dash.length) });
  }
  return candidates;
}

async function ownerOfDirectory(path: ByteString): Promise<number> {
  return (await stat(nativePath(path))).uid;
}

/** What is thrown, and remembered by nobody, when a home says nothing about its account. */
class HomeTrouble extends Error {}

export function createPasswordUsers({
  accounts,
  aliasName,
  memory = memoryDefault,
  ownerOf = ownerOfDirectory,
}: PasswordUsersOptions): PasswordUsers {
  async function ownsHome(account: SystemAccount): Promise<boolean> {
    const { name, uid, home } = account;
    try {
      return (await ownerOf(home)) === uid;
    } catch (error) {
      if (errorCode(error) === 'ENOENT' && isForPeople(account)) {
        throw new HomeTrouble(`The home directory of ${printable(name)} is missing: ${printable(home)}`);
      }
      if (lastingErrors.has(errorCode(error))) return false;
      throw new HomeTrouble(
        `Unable to look at the home directory of ${printable(name)}: ${errorText(error)}`,
      );
    }
  }

  /** The account of that name, if it is a user's. */
  const userOf = remember(async (name) => {
    const account = await accounts.find(name);
    if (account === undefined || account.uid === 0) return undefined;
    return (await ownsHome(account)) ? account : undefined;
  }, memory);

  const aliasOf = remember((name) => accounts.find(name), memory);

  function found(account: SystemAccount, dash: ByteString, extension: ByteString): FoundUser {
    const { name: user, uid, gid, home } = account;
    return { ok: true, user, uid, gid, home, dash, extension };
  }

  async function search(local: ByteString): Promise<FoundUser> {
    for (const { name, dash, extension } of candidatesOf(local)) {
      const account = await userOf(name);
      if (account !== undefined) return found(account, dash, extension);
    }
    const alias = await aliasOf(aliasName);
    if (alias === undefined) return deferred('alias', `There is no alias user, ${aliasName}. (#4.3.0)`);
    return found(alias, separator, local);
  }

  return {
    async find(local) {
      try {
        return await search(local);
      } catch (error) {
        if (error instanceof HomeTrouble) return deferred('home', `${error.message} (#4.3.0)`);
        if (error instanceof SystemError || errorCode(error) !== '')
          return deferred('accounts', `Unable to look up accounts: ${errorText(error)} (#4.3.0)`);
        throw error;
      }
    },
  };
}
