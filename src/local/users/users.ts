/**
 * Finds the user that a local address belongs to, as qmail-lspawn does: by users/cdb, else by the rules of
 * qmail-getpw, else the alias user. It runs as root: it writes nothing, what comes from an address is bounded before
 * anything is done with it, and nobody is ever uid 0.
 */
import { type ByteString, errorText } from '../../system/index.ts';
import { createAssignedUsers } from './assigned-users.ts';
import { deferred, type FoundUser, refused } from './found-user.ts';
import {
  createPasswordUsers,
  monotonicMs,
  namesRememberedMax,
  type PasswordUsersOptions,
  rememberMsDefault,
} from './password-users.ts';
import type { Accounts } from './system-accounts.ts';

export interface UsersOptions {
  /** The home of the installation, which has users/cdb. */
  readonly home: ByteString;
  readonly accounts: Accounts;
  /** The account of the alias user. */
  readonly aliasName?: ByteString;
  /** How long accounts, and that there is none, are remembered. */
  readonly rememberMs?: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
  readonly ownerOf?: PasswordUsersOptions['ownerOf'];
}

export interface Users {
  /** Never rejects for anything that the system or a file answers: that is an answer of Z. */
  find(local: ByteString): Promise<FoundUser>;
  close(): void;
}

export const aliasNameDefault = 'alias';

/** A local part is shorter than an address (1002 bytes in the queue) with the longest prefix of a virtual domain. */
export const localBytesMax = 2_000;

export function createUsers({
  home,
  accounts,
  aliasName = aliasNameDefault,
  rememberMs = rememberMsDefault,
  now = monotonicMs,
  ownerOf,
}: UsersOptions): Users {
  const assigned = createAssignedUsers(`${home}/users/cdb`);
  const memory = { rememberMs, entriesMax: namesRememberedMax, now };
  const password = createPasswordUsers({
    accounts,
    aliasName,
    memory,
    ...(ownerOf === undefined ? {} : { ownerOf }),
  });

  /** undefined: it is assigned to nobody. */
  function findAssigned(local: ByteString): FoundUser | undefined {
    try {
      const user = assigned.find(local);
      return user === undefined ? undefined : { ok: true, ...user };
    } catch (error) {
      return deferred('database', `Trouble reading users/cdb: ${errorText(error)} (#4.3.0)`);
    }
  }

  return {
    async find(local) {
      if (local === '') return refused('address', 'There is no user name in front of the @. (#5.1.3)');
      if (local.length > localBytesMax)
        return refused('address', `The user name has more than ${localBytesMax} bytes. (#5.1.3)`);
      const found = findAssigned(local) ?? (await password.find(local));
      if (found.ok && found.uid === 0)
        return deferred('root', 'Not allowed to perform deliveries as root. (#4.7.0)');
      return found;
    },
    close: () => assigned.close(),
  };
}
