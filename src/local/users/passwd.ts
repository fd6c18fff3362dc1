/** Entries of the password database, in the notation of passwd(5): name:password:uid:gid:gecos:home:shell. */
import type { ByteString } from '../../system/index.ts';
import { parseAccountId } from './account-id.ts';

export interface SystemAccount {
  readonly name: ByteString;
  readonly uid: number;
  readonly gid: number;
  readonly home: ByteString;
  /** Empty means the system's own. */
  readonly shell: ByteString;
}

/** A line without its LF; undefined when it is no entry. */
export function parsePasswdLine(line: ByteString): SystemAccount | undefined {
  const [name = '', , uidText = '', gidText = '', , home, shell = ''] = line.split(':');
  const uid = parseAccountId(uidText);
  const gid = parseAccountId(gidText);
  if (name === '' || uid === undefined || gid === undefined || home === undefined) return undefined;
  return { name, uid, gid, home, shell };
}

/** The first entry of a name in the text of a password file. */
export function findInPasswd(text: ByteString, name: ByteString): SystemAccount | undefined {
  const start = `${name}:`;
  const line = text.split('\n').find((candidate) => candidate.startsWith(start));
  return line === undefined ? undefined : parsePasswdLine(line);
}
