import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { FromStoreWorker, ToStoreWorker } from '../../src/queue/operation.ts';
import { type StoreWorkerPort, startStoreThread } from '../../src/queue/store-thread.ts';
import { temporaryDirectory } from '../support/home.ts';
import { bodyText, openTestStore, submit } from '../support/open-store.ts';
import { mountTmpfs, tmpfsMissing } from '../support/tmpfs.ts';

const noLoss = (error: Error) => {
  throw error;
};

test('operations of one turn are answered in their order', async () => {
  const thread = await startStoreThread(`${temporaryDirectory()}/store`, noLoss);
  const first = await Promise.all([
    thread.apply({ kind: 'reserve', count: 10 }),
    thread.apply({ kind: 'reserve', count: 5 }),
    thread.apply({ kind: 'reserve', count: 1 }),
  ]);
  const start = thread.ready.firstId + thread.ready.idCount;
  assert.deepEqual(first, [start, start + 10, start + 15]);
  await thread.close();
});

test('those who bring more than the disk takes are asked to wait, and are woken', async () => {
  const thread = await startStoreThread(`${temporaryDirectory()}/store`, noLoss);
  assert.equal(thread.drained(), undefined);
  const written = Array.from({ length: 200 }, (_, index) =>
    thread.apply({ kind: 'chunk', messageId: 7, index, bytes: new Uint8Array(65536) }),
  );
  const wait = thread.drained();
  assert.ok(wait instanceof Promise);
  await wait;
  await Promise.all(written);
  assert.equal(thread.drained(), undefined);
  await thread.close();
});

test('a file that is no store is refused by name', async () => {
  const path = `${temporaryDirectory()}/store`;
  writeFileSync(path, 'this is no database, and long enough to be read as one'.repeat(20));
  await assert.rejects(startStoreThread(path, noLoss), (error: Error) => error.message.includes(path));
});

test('a full disk refuses for now, takes nothing by halves, and takes mail again when there is room', {
  skip: tmpfsMissing,
}, async () => {
  const disk = mountTmpfs(3 * 1024 * 1024);
  const { store, accepted } = await openTestStore({ directory: `${disk}/queue` });
  assert.equal((await submit(store, 'before', ['a@example.org'])).verdict, 'K');

  const large = await submit(store, 'x'.repeat(4 * 1024 * 1024), ['a@example.org']);
  assert.equal(large.verdict, 'Z');
  assert.match(large.text, /disk full \(#4\.3\.0\)/);
  assert.equal(accepted.length, 1);

  const room = await submit(store, 'small', ['a@example.org']);
  assert.equal(room.verdict, 'K', room.text);

  // Somebody else fills the disk to the last byte.
  const filler = `${disk}/filler`;
  assert.throws(() => writeFileSync(filler, new Uint8Array(8 * 1024 * 1024)), { code: 'ENOSPC' });
  const full = await submit(store, 'y'.repeat(4 * 1024 * 1024), ['a@example.org']);
  assert.equal(full.verdict, 'Z');
  rmSync(filler);
  const after = await submit(store, 'after', ['a@example.org']);
  assert.equal(after.verdict, 'K', after.text);
  assert.deepEqual(
    accepted.map(({ message }) => bodyText(store, message.id)),
    ['before', 'small', 'after'],
  );
  await store.close();
});

/** A thread that a test plays: it says when it likes what a test tells it. */
function playedWorker() {
  const posted: ToStoreWorker[] = [];
  let say: (message: FromStoreWorker) => void = () => {};
  let end: (error: Error) => void = () => {};
  const port: StoreWorkerPort = {
    post: (message) => posted.push(message),
    listen(onMessage, onEnd) {
      say = onMessage;
      end = onEnd;
    },
  };
  const lost: string[] = [];
  const started = startStoreThread(
    'path',
    ({ message }) => lost.push(message),
    () => port,
  );
  const ready: FromStoreWorker = { kind: 'ready', ready: { firstId: 1, idCount: 1, sweptMessages: 0 } };
  return {
    posted,
    lost,
    started,
    ready: () => say(ready),
    say: (message: FromStoreWorker) => say(message),
    end: () => end(new Error('gone')),
  };
}

test('when the thread is lost everything is refused that was brought, or is about to be, or comes later', async () => {
  const { ready, end, posted, lost, started } = playedWorker();
  ready();
  const thread = await started;
  const sent = thread.apply({ kind: 'reserve', count: 1 });
  await new Promise(setImmediate);
  assert.equal(posted.length, 1);
  const gathered = thread.apply({ kind: 'reserve', count: 2 });
  end();
  end();
  const answers = await Promise.allSettled([sent, gathered, thread.apply({ kind: 'reserve', count: 3 })]);
  assert.deepEqual(
    answers.map((answer) => (answer.status === 'rejected' ? String(answer.reason) : answer.status)),
    ['StoreError: gone', 'StoreError: gone', 'StoreError: gone'],
  );
  assert.deepEqual(lost, ['gone']);
  assert.equal(posted.length, 1);
  await thread.close();
});

test('a thread that does not come up is no loss of a store', async () => {
  const { end, lost, started } = playedWorker();
  end();
  await assert.rejects(started, /gone/);
  assert.deepEqual(lost, []);
});

test('each operation has its own outcome', async () => {
  const { ready, say, started } = playedWorker();
  ready();
  const thread = await started;
  const settled = Promise.allSettled([1, 2].map((count) => thread.apply({ kind: 'reserve', count })));
  await new Promise(setImmediate);
  say({ kind: 'results', results: [{ number: 1, outcomes: [7, 'disk full'] }], durationMs: 1 });
  assert.deepEqual(
    (await settled).map((answer) => (answer.status === 'fulfilled' ? answer.value : String(answer.reason))),
    [7, 'StoreError: disk full'],
  );
});

test('what is brought after the end is answered all the same', async () => {
  const thread = await startStoreThread(`${temporaryDirectory()}/store`, noLoss);
  const closing = thread.close();
  // This one may still be in time.
  const late = thread.apply({ kind: 'reserve', count: 1 }).catch(() => undefined);
  await closing;
  await late;
  await assert.rejects(thread.apply({ kind: 'reserve', count: 1 }), { name: 'StoreError' });
});
