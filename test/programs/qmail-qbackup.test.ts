/** qmail-qbackup: a hub's queue, copied while it works, and put in its place again. */
import { deepStrictEqual, match, ok } from 'node:assert/strict';
import { chownSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { storePath } from '../../src/queue/index.ts';
import { damage, makeFilledStore } from '../support/damaged-store.ts';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';
import { startHub } from '../support/hub.ts';
import { hubControls, hubHome, hubUser, isRoot } from '../support/hub-home.ts';
import { qmqpRequest, submitRequest } from '../support/qmqp-peer.ts';
import { runHere } from '../support/run-here.ts';
import type { Ended } from '../support/run-program.ts';

function qbackup(home: string, ...args: readonly string[]): Promise<Ended> {
  return runHere(home, 'qmail-qbackup', ...args);
}

test('a backup of a running hub, restored, brings back what was queued', async () => {
  const home = hubHome({ ...hubControls, concurrencylocal: '0\n' });
  const hub = await startHub({ home });
  const port = Number(hub.addresses[0]?.split(':')[1]);
  const send = (text: string) => submitRequest(port, qmqpRequest(`\n${text}\n`, '', 'user@hub.test'));
  const before = ['one', 'two', 'three'];
  for (const text of before) await send(text);
  const target = `${temporaryDirectory()}/queue.backup`;
  const { exit, stdout, stderr } = await qbackup(home, target);
  deepStrictEqual([exit, stderr], [0, '']);
  match(stdout, /queue\.backup: \d+ bytes\n3 messages, 3 recipients: nothing is wrong\n$/);
  await send('after the backup');
  deepStrictEqual(await hub.stop(), 0);

  // The disk was lost.
  const store = storePath(`${home}/queue`);
  const bytes = readFileSync(target);
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${store}${suffix}`, { force: true });
  copyFileSync(target, store);
  const { uid, gid } = hubUser();
  if (isRoot) chownSync(store, uid, gid);
  writeFileSync(`${home}/control/concurrencylocal`, '10\n');
  const again = await startHub({ home });
  await again.count(/^end msg /, before.length);
  deepStrictEqual(
    again
      .messages()
      .map((text) => text.trimEnd().split('\n').at(-1))
      .toSorted(),
    before.toSorted(),
  );
  deepStrictEqual(await again.stop(), 0);
  ok(readFileSync(target).equals(bytes));
});

test('an existing file is not overwritten, and a missing queue leaves none', async () => {
  const home = temporaryHome();
  const target = `${temporaryDirectory()}/backup`;
  const none = await qbackup(home, target);
  deepStrictEqual(none.exit, 111);
  match(none.stderr, /^qmail-qbackup: fatal: unable to read .*: there is no queue/);
  ok(!existsSync(target));
  mkdirSync(`${home}/queue`);
  copyFileSync(storePath(await makeFilledStore()), storePath(`${home}/queue`));
  deepStrictEqual((await qbackup(home, target)).exit, 0);
  const bytes = readFileSync(target);
  const second = await qbackup(home, target);
  deepStrictEqual(second.exit, 111);
  match(second.stderr, /backup exists already, and a backup overwrites nothing\n$/);
  ok(readFileSync(target).equals(bytes));
});

test('what is wrong with the queue is said of its backup', async () => {
  const home = temporaryHome();
  mkdirSync(`${home}/queue`);
  copyFileSync(storePath(await makeFilledStore()), storePath(`${home}/queue`));
  damage(`${home}/queue`, 'DELETE FROM tally');
  const target = `${temporaryDirectory()}/backup`;
  const { exit, stdout } = await qbackup(home, target);
  deepStrictEqual(exit, 2);
  match(stdout, /^found: the tally has 0 rows/m);
  ok(existsSync(target));
});

test('a wrong call', async () => {
  const home = temporaryHome();
  for (const args of [[], ['one', 'two'], [''], ['--all', 'x']]) {
    deepStrictEqual((await qbackup(home, ...args)).exit, 100);
  }
  match((await qbackup(home, '--help')).stdout, /qmail-qbackup - back up the queue/);
});
