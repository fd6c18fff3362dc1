import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { lockPath, lockStore } from '../../src/queue/lock.ts';
import { temporaryDirectory } from '../support/home.ts';
import { openTestStore } from '../support/open-store.ts';

const isRoot = process.geteuid?.() === 0;
const inUse = /^QueueInUse: .* is in use: another process has it/;

/** A process that takes the lock, says what came of it, and holds it until it is killed. */
const locker = `
  import { lockStore } from '${new URL('../../src/queue/lock.ts', import.meta.url)}';
  try {
    lockStore(process.argv[1]);
    console.log('held');
    setInterval(() => {}, 1000);
  } catch (error) {
    console.log(String(error));
  }
`;
const lockerArgs = ['--input-type=module-typescript', '--eval', locker];

const privateNetwork = ['unshare', '--net'];
const cannotUnshare = !isRoot || spawnSync('unshare', ['--net', 'true']).status !== 0;

/** What it said is '' when it holds the lock. `prefix`: the words that start it. */
async function tryLock(
  directory: string,
  prefix: readonly string[] = [],
): Promise<{ readonly said: string; readonly child: ChildProcess }> {
  const [file = '', ...args] = [...prefix, process.execPath, ...lockerArgs, directory];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [data] = await once(child.stdout, 'data');
  const said = String(data).trimEnd();
  return { said: said === 'held' ? '' : said, child };
}

async function hold(
  context: TestContext,
  directory: string,
  prefix: readonly string[] = [],
): Promise<ChildProcess> {
  const { said, child } = await tryLock(directory, prefix);
  assert.equal(said, '');
  context.after(() => child.kill('SIGKILL'));
  return child;
}

test('a queue has one owner; the next one comes when it is gone', async () => {
  const first = await openTestStore();
  await assert.rejects(openTestStore({ directory: first.directory }), inUse);
  // The one that was refused has not taken the lock from the first.
  assert.match((await tryLock(first.directory)).said, inUse);
  await first.store.close();
  const second = await openTestStore({ directory: first.directory });
  await second.store.close();
});

test('locks of two directories do not meet, and one that is given back twice is given back once', () => {
  const directory = temporaryDirectory();
  const unlock = lockStore(directory);
  lockStore(temporaryDirectory())();
  unlock();
  const again = lockStore(directory);
  unlock();
  assert.throws(() => lockStore(directory), inUse);
  // An empty file, and nothing beside it.
  assert.deepEqual(readdirSync(directory), ['store.lock']);
  again();
  assert.deepEqual(
    [statSync(lockPath(directory)).size, statSync(lockPath(directory)).mode & 0o777],
    [0, 0o600],
  );
});

test('the lock of a process that is killed is free', async (context) => {
  const directory = temporaryDirectory();
  const child = await hold(context, directory);
  assert.throws(() => lockStore(directory), inUse);
  child.kill('SIGKILL');
  await once(child, 'exit');
  lockStore(directory)();
});

test('processes in different networks, as in two containers, exclude one another', {
  skip: cannotUnshare && 'only root makes a network',
}, async (context) => {
  const directory = temporaryDirectory();
  const inside = await hold(context, directory, privateNetwork);
  assert.throws(() => lockStore(directory), inUse);
  assert.match((await tryLock(directory, privateNetwork)).said, inUse);
  inside.kill('SIGKILL');
  await once(inside, 'exit');
  await hold(context, directory);
  assert.match((await tryLock(directory, privateNetwork)).said, inUse);
});

test('of many that come at once one has the lock', async (context) => {
  const directory = temporaryDirectory();
  const all = await Promise.all(Array.from({ length: 4 }, () => tryLock(directory)));
  for (const { child } of all) context.after(() => child.kill('SIGKILL'));
  assert.deepEqual(all.filter(({ said }) => said === '').length, 1);
  for (const { said } of all) assert.ok(said === '' || inUse.test(said), said);
});

test('root makes the file for the owner of the directory', { skip: !isRoot && 'only root can' }, () => {
  const directory = temporaryDirectory();
  chownSync(directory, 65_533, 65_532);
  lockStore(directory)();
  const { uid, gid } = statSync(lockPath(directory));
  assert.deepEqual([uid, gid], [65_533, 65_532]);
  // What is there already stays whose it is, whatever it leads to.
  const other = temporaryDirectory();
  chownSync(other, 65_533, 65_532);
  writeFileSync(`${directory}/precious`, '');
  symlinkSync(`${directory}/precious`, lockPath(other));
  lockStore(other)();
  assert.equal(statSync(`${directory}/precious`).uid, 0);
});

test('a lock that cannot be taken is named', () => {
  const directory = temporaryDirectory();
  mkdirSync(lockPath(directory));
  assert.throws(() => lockStore(directory), /^Error: unable to lock .*store\.lock: /);
  assert.throws(() => lockStore(`${directory}/none`), /none\/store\.lock/);
});
