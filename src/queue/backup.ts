/**
 * A copy of the store as it is at one moment, taken while its owner goes on working. The copy is one file without
 * free pages and without a log. It is on stable storage when this returns, and until then its name is not taken.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, linkSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { errorCode, errorText } from '../system/index.ts';
import { configureConnection } from './schema.ts';
import { syncPath } from './sync-path.ts';

const suffixBytes = 8;

/** Nobody else reads mail. */
const fileMode = 0o600;

function refuseExisting(target: string): void {
  if (existsSync(target)) throw new Error(`${target} exists already, and a backup overwrites nothing`);
}

/** Gives a file its final name without taking that name from another. */
function giveName(from: string, target: string): void {
  try {
    linkSync(from, target);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') {
      // A file system without links, as some that backups go to.
      refuseExisting(target);
      renameSync(from, target);
      return;
    }
    refuseExisting(target);
  }
}

/** `path`: the store's file. Answers the size of the copy in bytes. Throws when `target` exists or cannot be written. */
export function backUpStore(path: string, target: string): number {
  const suffix = randomBytes(suffixBytes).toString('hex');
  const unfinished = join(dirname(target), `.${basename(target)}.${suffix}`);
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    refuseExisting(target);
    configureConnection(database);
    // SQLite takes a file that is empty, and would itself let others read it.
    closeSync(openSync(unfinished, 'wx', fileMode));
    database.prepare('VACUUM INTO ?').run(unfinished);
    syncPath(unfinished);
    giveName(unfinished, target);
    syncPath(dirname(target));
    return statSync(target).size;
  } catch (error) {
    throw new Error(`unable to back up ${path}: ${errorText(error)}`, { cause: error });
  } finally {
    database.close();
    rmSync(unfinished, { force: true });
    rmSync(`${unfinished}-journal`, { force: true });
  }
}
