/** What a hub under test needs before it starts: a home, a user when the tests run as root, sources that it can read. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, cpSync, existsSync, linkSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Account, findAccount } from '../../src/process/index.ts';
import type { ByteString } from '../../src/system/index.ts';
import { temporaryDirectory, temporaryHome } from './home.ts';

/** Whether the tests run as root: only then can a process become another user. */
export const isRoot: boolean = process.getuid?.() === 0;

const top = fileURLToPath(new URL('../../', import.meta.url));

/** Controls of a hub whose domain is hub.test. What is for others goes to a port on which nobody listens. */
export const hubControls: Readonly<Record<string, ByteString>> = {
  me: 'hub.test\n',
  locals: 'hub.test\n',
  smtproutes: ':127.0.0.1:9\n',
};

/** The user that a hub runs as: an ordinary one, or the caller when that is no root. */
export function hubUser(): Account {
  if (isRoot) return findAccount('nobody');
  return { name: '', uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

function makeOwned(path: string, { uid, gid }: Account): void {
  mkdirSync(path, { mode: 0o700 });
  if (isRoot) chownSync(path, uid, gid);
}

/** A home with control/, and with queue/ and home/Maildir/ that belong to the hub's user. */
export function hubHome(
  controls: Readonly<Record<string, ByteString>> = hubControls,
  user = hubUser(),
): string {
  const home = temporaryHome(controls);
  chmodSync(home, 0o755);
  for (const name of [
    'queue',
    'home',
    'home/Maildir',
    'home/Maildir/tmp',
    'home/Maildir/new',
    'home/Maildir/cur',
  ]) {
    makeOwned(`${home}/${name}`, user);
  }
  return home;
}

let copied: string | undefined;

/**
 * A file of the tree, for a process that becomes this user and then goes on loading code: the store's thread is loaded
 * late. When that user cannot enter the tree, it is a copy.
 */
export function reachable(path: string, user: Account = hubUser()): string {
  return canRead(`${top}${path}`, user) ? `${top}${path}` : `${copiedTree()}/${path}`;
}

function canRead(path: string, { uid, gid }: Account): boolean {
  return !isRoot || spawnSync('test', ['-r', path], { uid, gid }).status === 0;
}

function copiedTree(): string {
  if (copied === undefined) {
    copied = temporaryDirectory();
    chmodSync(copied, 0o755);
    for (const name of [
      'package.json',
      'src',
      'qmqp',
      'node_modules/minimist',
      'test/support',
      'test/fault',
    ]) {
      cpSync(`${top}${name}`, `${copied}/${name}`, { recursive: true, dereference: true });
    }
  }
  return copied;
}

/** Node, for a process that is that user from its first moment. */
export function reachableNode(user: Account = hubUser()): string {
  if (canRead(process.execPath, user)) return process.execPath;
  const path = `${copiedTree()}/node`;
  if (existsSync(path)) return path;
  try {
    linkSync(process.execPath, path);
  } catch {
    // On another disk.
    copyFileSync(process.execPath, path);
  }
  return path;
}

/** The entry point of the hub's programs. */
export function hubEntry(user: Account = hubUser()): string {
  return reachable('src/main.ts', user);
}

/** The entry point as-user.ts. */
export function asUserEntry(user: Account): string {
  return reachable('test/support/as-user.ts', user);
}
