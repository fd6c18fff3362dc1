import assert from 'node:assert/strict';
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
