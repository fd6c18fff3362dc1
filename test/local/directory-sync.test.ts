import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDirectorySync, syncDirectory } from '../../src/local/directory-sync.ts';
import { temporaryDirectory } from '../support/home.ts';

/** A sync that ends when the test says so. */
function controlledSync() {
  const running: { readonly path: string; end(error?: Error): void }[] = [];
  const sync = (path: string) =>
    new Promise<void>((resolve, reject) => {
      running.push({ path, end: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  return { running, sync: createDirectorySync(sync) };
}

/** Lets everything that is settled take effect. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('who comes while a sync runs waits for the next, which all share', async () => {
  const { running, sync } = controlledSync();
  const ended: string[] = [];
  const waitFor = (name: string) => sync('/a').then(() => ended.push(name));
  const waits = [waitFor('first'), waitFor('second'), waitFor('third')];
  await settled();
  assert.equal(running.length, 1);

  running[0]?.end();
  await settled();
  assert.deepEqual(ended, ['first']);
  assert.equal(running.length, 2);

  waits.push(waitFor('fourth'));
  running[1]?.end();
  await settled();
  assert.deepEqual(ended, ['first', 'second', 'third']);
  assert.equal(running.length, 3);

  running[2]?.end();
  await Promise.all(waits);
  assert.equal(running.length, 3);
});

test('when nobody waits, the next one starts its own at once', async () => {
  const { running, sync } = controlledSync();
  for (const turn of [0, 1, 2]) {
    const wait = sync('/a');
    assert.equal(running.length, turn + 1);
    running[turn]?.end();
    await wait;
  }
});

test('directories do not wait for each other', async () => {
  const { running, sync } = controlledSync();
  const waits = [sync('/a'), sync('/b')];
  assert.deepEqual(
    running.map(({ path }) => path),
    ['/a', '/b'],
  );
  running[1]?.end();
  await waits[1];
  running[0]?.end();
  await waits[0];
});

test('a sync that fails fails for those whom it was for, and not for the next', async () => {
  const { running, sync } = controlledSync();
  const first = assert.rejects(sync('/a'), /disk/);
  const next = sync('/a');
  running[0]?.end(new Error('disk'));
  await first;
  await settled();
  running[1]?.end();
  await next;
});

test('a real directory is synced, a missing one is an error', async () => {
  const directory = temporaryDirectory();
  await Promise.all(Array.from({ length: 20 }, () => syncDirectory(directory)));
  await assert.rejects(syncDirectory(`${directory}/missing`), { code: 'ENOENT' });
});
