/** Users in tests: accounts that exist nowhere else, and homes whose owners a test names. */
import { mkdirSync } from 'node:fs';
import type { Accounts, SystemAccount } from '../../src/local/users/index.ts';
import { type ByteString, SystemError } from '../../src/system/index.ts';
import { temporaryDirectory } from './home.ts';

export function account(name: ByteString, uid: number, more: Partial<SystemAccount> = {}): SystemAccount {
  return { name, uid, gid: uid, home: `/home/${name}`, shell: '/bin/sh', ...more };
}

export interface AskedAccounts extends Accounts {
  /** The names that were asked for, in order. */
  readonly asked: readonly ByteString[];
}

/** Accounts that answer at once, and count. */
export function accountsOf(...list: readonly SystemAccount[]): AskedAccounts {
  const asked: ByteString[] = [];
  return {
    asked,
    async find(name) {
      asked.push(name);
      return list.find((one) => one.name === name);
    },
  };
}

/** Owners of directories; one that is not named does not exist, and one with a text fails with that error. */
export function owners(table: Readonly<Record<string, number | string>>): (path: string) => Promise<number> {
  return async (path) => {
    const owner = table[path] ?? 'ENOENT';
    if (typeof owner === 'string') throw new SystemError(owner, `${owner}: ${path}`);
    return owner;
  };
}

/** A home of the installation that has a folder users/. */
export function usersHome(): string {
  const home = temporaryDirectory();
  mkdirSync(`${home}/users`);
  return home;
}
