/**
 * One owner per queue directory. The lock is a file there that SQLite keeps locked: the kernel takes the lock back when
 * the process ends, however it ends, and it holds in every container that has the directory. It is for this file alone,
 * since the system drops a process's locks on a file when that process closes any descriptor of it.
 */
import { closeSync, fchownSync, openSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { errorCode, errorText } from '../system/index.ts';

/** Two that come at the same moment may both have to step back; one that ends may take a moment. */
const waitMs = 200;

/** SQLite's code for a file that another has locked. */
const busyCode = 5;

/** Nobody else may lock the queue. */
const fileMode = 0o600;

/** Another process has the queue. */
export class QueueInUse extends Error {
  override readonly name = 'QueueInUse';
}

/** Locks that this process holds: one that is forgotten would be given back with its memory. */
const held = new Set<DatabaseSync>();

/** The lock's file in the queue directory. It is empty and stays when the lock is given back. */
export function lockPath(directory: string): string {
  return `${directory}/store.lock`;
}

/** Makes the file if it is missing, for the owner of the directory: root may come before the hub. */
function makeFile(path: string, directory: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'wx', fileMode);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    throw error;
  }
  try {
    const { uid, gid } = statSync(directory);
    if (process.geteuid?.() === 0) fchownSync(descriptor, uid, gid);
  } finally {
    closeSync(descriptor);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === busyCode;
}

/** Answers the function that gives the lock back. Throws QueueInUse when another process has it. */
export function lockStore(directory: string): () => void {
  const path = lockPath(directory);
  makeFile(path, directory);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: waitMs });
    // Nothing is ever written: there is no need for a file beside it.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    const cause = { cause: error };
    if (!isBusy(error)) throw new Error(`unable to lock ${path}: ${errorText(error)}`, cause);
    throw new QueueInUse(
      `${directory} is in use: another process has it, as qmail-send does while it runs`,
      cause,
    );
  }
  const lock = database;
  held.add(lock);
  return () => {
    if (held.delete(lock)) lock.close();
  };
}
