/** Becomes an ordinary user for good: groups first, then the group, then the uid, and a check that it holds. */
import { execFileSync } from 'node:child_process';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The account of a user name, from the system's databases. Throws when there is none. */
export function findAccount(name: string): Account {
  let entry: string;
  try {
    entry = execFileSync('getent', ['passwd', '--', name], { encoding: 'latin1' });
  } catch (error) {
    throw new Error(`there is no user ${name}`, { cause: error });
  }
  const [found = '', , uid = '', gid = ''] = entry.trimEnd().split(':');
  return { name: found, uid: Number(uid), gid: Number(gid) };
}

/** Gives up root for an account. Supplementary groups are dropped, not taken over. */
export function dropPrivileges(account: Account): void {
  if (!Number.isInteger(account.uid) || account.uid === 0)
    throw new Error(`${account.name} is not an ordinary user`);
  process.setgroups?.([]);
  process.setgid?.(account.gid);
  process.setuid?.(account.uid);
  if (process.getuid?.() !== account.uid || process.geteuid?.() !== account.uid) {
    throw new Error(`unable to become ${account.name}`);
  }
}
