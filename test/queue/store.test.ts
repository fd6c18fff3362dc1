import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recipientsMax } from '../../src/queue/index.ts';
import { bodyText, openTestStore, submit } from '../support/open-store.ts';

test('an accepted message is due at once and carries its bytes', async () => {
  const { store, accepted } = await openTestStore({ now: () => 1_000_000 });
  const answer = await submit(store, 'Subject: x\n\nbody\0\xff\n', ['a@example.org', 'b@example.org']);
  assert.equal(answer.verdict, 'K');
  const [entry] = accepted;
  assert.ok(entry);
  assert.deepEqual(store.due(1_000_000, 10), entry.recipients);
  assert.deepEqual(store.message(entry.message.id), entry.message);
  assert.equal(bodyText(store, entry.message.id), 'Subject: x\n\nbody\0\xff\n');
  assert.deepEqual(store.due(999_999, 10), []);
  await store.close();
});

test('the last recipient that is settled takes the message with it', async () => {
  const { store, accepted } = await openTestStore();
  await submit(store, 'x', ['a@example.org', 'b@example.org']);
  await submit(store, 'y', ['c@example.org']);
  const [first, second] = accepted;
  assert.ok(first && second);
  const [one, two] = first.recipients;
  assert.ok(one && two);
  assert.equal(await store.settle(one), false);
  assert.equal(await store.settle(two), true);
  assert.equal(store.message(first.message.id), undefined);
  assert.deepEqual(store.counts(), { messages: 1, recipients: 1, incoming: 0 });
  assert.equal(bodyText(store, second.message.id), 'y');
  await store.close();
});

test('a deferred recipient waits for its time, with its attempts and report', async () => {
  const { store, accepted } = await openTestStore({ now: () => 5000 });
  await submit(store, 'x', ['a@example.org']);
  const recipient = accepted[0]?.recipients[0];
  assert.ok(recipient);
  await store.defer(recipient, { attempts: 1, dueMs: 9000, report: 'busy \xe9 (#4.3.0)' });
  assert.deepEqual(store.due(8999, 10), []);
  assert.equal(store.nextDueMs(5000), 9000);
  assert.equal(store.nextDueMs(9000), undefined);
  const expected = { ...recipient, attempts: 1, dueMs: 9000, report: 'busy \xe9 (#4.3.0)' };
  assert.deepEqual(store.due(9000, 10), [expected]);
  await store.close();
});

test('a store that is closed and opened again has everything, and new numbers', async () => {
  const first = await openTestStore();
  await submit(first.store, 'kept', ['a@example.org']);
  await first.store.close();
  const second = await openTestStore({ directory: first.directory });
  const id = first.accepted[0]?.message.id ?? 0;
  assert.equal(bodyText(second.store, id), 'kept');
  await submit(second.store, 'new', ['a@example.org']);
  assert.ok((second.accepted[0]?.message.id ?? 0) > id);
  assert.equal([...second.store.messages()].length, 2);
  await second.store.close();
});

test('a message to nobody is accepted and leaves nothing', async () => {
  const { store, accepted } = await openTestStore();
  assert.equal((await submit(store, 'x'.repeat(200_000), [])).verdict, 'K');
  assert.equal(accepted.length, 1);
  assert.deepEqual(store.counts(), { messages: 0, recipients: 0, incoming: 0 });
  await store.close();
});

test('message numbers go on when a block of them is used up', async () => {
  const { store } = await openTestStore();
  const seen = new Set<number>();
  for (let turn = 0; turn < 25; turn += 1) {
    for (let count = 0; count < 10_000; count += 1) {
      const incoming = store.begin({ caller: 0, host: '' });
      seen.add(incoming.id);
      incoming.abort();
    }
    // The store's thread answers between the turns, as it would between connections.
    await submit(store, 'x', ['a@example.org']);
  }
  assert.equal(seen.size, 250_000);
  assert.ok(!seen.has(0));
  await store.close();
});

test('an address that is too long and a list that is too long are refused for good', async () => {
  const { store } = await openTestStore();
  assert.match((await submit(store, 'x', ['r'.repeat(1003)])).text, /#5\.1\.3/);
  assert.equal((await submit(store, 'x', ['r'.repeat(1002)])).verdict, 'K');
  const many = new Array<string>(recipientsMax + 1).fill('a@example.org');
  const answer = await submit(store, 'x', many);
  assert.equal(answer.verdict, 'D');
  assert.match(answer.text, /#5\.5\.3/);
  assert.deepEqual(store.counts(), { messages: 1, recipients: 1, incoming: 0 });
  await store.close();
});
