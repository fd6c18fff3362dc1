import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openReader, storePath } from '../../src/queue/index.ts';
import { openTestStore, submit } from '../support/open-store.ts';

test('a second process reads messages and recipients in order while the first one writes', async () => {
  const { store, directory } = await openTestStore({ now: () => 42 });
  const reader = openReader(storePath(directory));
  for (const name of ['one', 'two', 'three'])
    await submit(store, name, [`${name}@a`, `${name}@b`], `${name}@s`);
  const messages = [...reader.messages()];
  assert.deepEqual(
    messages.map((message) => message.sender),
    ['one@s', 'two@s', 'three@s'],
  );
  const [, second] = messages;
  assert.ok(second);
  assert.deepEqual(
    [...reader.recipients(second.id)].map((recipient) => recipient.address),
    ['two@a', 'two@b'],
  );
  assert.deepEqual(
    reader.due(42, 2).map((recipient) => recipient.address),
    ['one@a', 'one@b'],
  );
  assert.equal(second.host, '192.0.2.1');
  reader.close();
  await store.close();
});

test('a body of which a part is missing is an error that says where it ends', async () => {
  const { store, directory } = await openTestStore();
  const path = storePath(directory);
  await submit(store, 'x'.repeat(200_000), ['a@b']);
  const database = new DatabaseSync(path);
  database.exec('PRAGMA busy_timeout = 10000; DELETE FROM chunk WHERE id = (SELECT min(id) + 1 FROM chunk)');
  database.close();
  const reader = openReader(path);
  const [message] = reader.messages();
  assert.ok(message);
  const read = () => {
    let sizeBytes = 0;
    for (const bytes of reader.body(message).chunks()) sizeBytes += bytes.length;
    return sizeBytes;
  };
  assert.throws(read, {
    message: `${path}: message ${message.id} ends after 65536 of ${message.sizeBytes} bytes`,
  });
  reader.close();
  await store.close();
});

test('what is due later is not due now, and its time is told', async () => {
  let nowMs = 1000;
  const { store } = await openTestStore({ now: () => nowMs });
  await submit(store, 'one', ['one@a']);
  nowMs = 5000;
  await submit(store, 'two', ['two@a']);
  assert.deepEqual(
    store.due(4999, 10).map(({ address }) => address),
    ['one@a'],
  );
  assert.equal(store.nextDueMs(1000), 5000);
  assert.equal(store.nextDueMs(5000), undefined);
  assert.equal(store.message(999), undefined);
  await store.close();
});
