/** Becomes an ordinary user for good: groups first, then the group, then the uid, and a check that it holds. */
import { execFileSync } from 'node:child_process';
import { errorText } from '../system/index.ts';

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

/** Whether every identity of this process is the account's, and none is left to go back to. */
function holds({ uid, gid }: Account): boolean {
  const ids = [process.getuid?.(), process.geteuid?.(), process.getgid?.(), process.getegid?.()];
  const groups = process.getgroups?.() ?? [];
  if (ids.join() !== [uid, uid, gid, gid].join() || groups.some((group) => group !== gid)) return false;
  try {
    process.setuid?.(0);
    return false;
  } catch {
    return true;
  }
}

/** Gives up root for an account. Supplementary groups are dropped, not taken over. */
export function dropPrivileges(account: Account): void {
  const { name, uid, gid } = account;
  if (!Number.isInteger(uid) || uid === 0) throw new Error(`${name} is not an ordinary user`);
  try {
    process.setgroups?.([]);
    process.setgid?.(gid);
    process.setuid?.(uid);
  } catch (error) {
    throw new Error(`unable to become ${name}: ${errorText(error)}`, { cause: error });
  }
  if (!holds(account)) throw new Error(`unable to become ${name} for good`);
}
