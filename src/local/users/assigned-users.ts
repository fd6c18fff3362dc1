/**
 * users/cdb, which qmail-newu makes of users/assign (qmail-users(5)). Keys, in lower case:
 *
 *   "!" LOCAL NUL   that address
 *   "!" PREFIX      every address that begins so; a longer prefix counts before a shorter one
 *   (empty)         the bytes with which a prefix can end
 *
 * The data is user NUL uid NUL gid NUL home NUL dash NUL extension, for a prefix with the rest of the address behind it.
 */
import { statSync } from 'node:fs';
import { type Cdb, openCdb } from '../../cdb/index.ts';
import { type ByteString, bytesOf, lowerAscii, SystemError, textOf } from '../../system/index.ts';
import { nativePath } from '../../system/node/index.ts';
import { parseAccountId } from './account-id.ts';
import type { LocalUser } from './found-user.ts';

export interface AssignedUsers {
  /**
   * Whom the address is assigned to; undefined when it is assigned to nobody or there is no users/cdb. Throws when the
   * file cannot be read or believed.
   */
  find(local: ByteString): LocalUser | undefined;
  close(): void;
}

/** More than an address and a path together. */
const assignmentBytesMax = 65_536;

interface Opened {
  readonly cdb: Cdb;
  /** Which file it was, and in what state. */
  readonly state: string;
  readonly wildcards: ByteString;
}

function stateOf(path: ByteString): string | undefined {
  const status = statSync(nativePath(path), { bigint: true, throwIfNoEntry: false });
  if (status === undefined) return undefined;
  return [status.dev, status.ino, status.size, status.mtimeNs, status.ctimeNs].join();
}

function parseAssignment(data: ByteString, rest: ByteString, path: ByteString): LocalUser {
  const [user = '', uidText = '', gidText = '', home = '', dash = '', extension] = data.split('\0');
  const uid = parseAccountId(uidText);
  const gid = parseAccountId(gidText);
  if (uid === undefined || gid === undefined || extension === undefined)
    throw new SystemError('EPROTO', `${path} holds no valid uid, gid and home for this address`);
  return { user, uid, gid, home, dash, extension: `${extension}${rest}` };
}

export function createAssignedUsers(path: ByteString): AssignedUsers {
  let opened: Opened | undefined;

  function close(): void {
    opened?.cdb.close();
    opened = undefined;
  }

  /** The database as it is now: one that was replaced or changed is opened anew. */
  function current(): Opened | undefined {
    // Before the file is opened: when it changes in between, the next call finds that out.
    const state = stateOf(path);
    if (opened !== undefined && opened.state === state) return opened;
    close();
    if (state === undefined) return undefined;
    const cdb = openCdb(path, { recordBytesMax: assignmentBytesMax });
    try {
      const wildcards = cdb.get('');
      if (wildcards === undefined) throw new SystemError('EPROTO', `${path} was not made by qmail-newu`);
      opened = { cdb, state, wildcards: textOf(wildcards) };
      return opened;
    } catch (error) {
      cdb.close();
      throw error;
    }
  }

  function search({ cdb, wildcards }: Opened, local: ByteString): LocalUser | undefined {
    const key = `!${lowerAscii(local)}`;
    const exact = cdb.get(`${key}\0`);
    if (exact !== undefined) return parseAssignment(textOf(exact), '', path);
    const keyBytes = bytesOf(key);
    for (let length = key.length; length > 0; length -= 1) {
      if (length > 1 && !wildcards.includes(key.charAt(length - 1))) continue;
      const data = cdb.get(keyBytes.subarray(0, length));
      if (data !== undefined) return parseAssignment(textOf(data), local.slice(length - 1), path);
    }
    return undefined;
  }

  return {
    find(local) {
      const database = current();
      return database === undefined ? undefined : search(database, local);
    },
    close,
  };
}
