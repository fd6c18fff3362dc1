import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import { openReader, type Place, type QueuedRecipient, storePath } from '../../src/queue/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { openTestStore, submit } from '../support/open-store.ts';
import { acceptOperation, openBoth, recipientId } from '../support/operations.ts';

const beginning: Place = { order: -1, id: -1 };

test('a second process reads messages and recipients in order while the first one writes', async () => {
  const { store, directory } = await openTestStore({ now: () => 42 });
  const reader = openReader(storePath(directory));
  for (const name of ['one', 'two', 'three'])
    await submit(store, name, [`${name}@a`, `${name}@b`], `${name}@s`);
  const messages = [...reader.messages()];
  assert.deepEqual(
    messages.map((message) => [message.sender, message.open, message.failed]),
    [
      ['one@s', 2, 0],
      ['two@s', 2, 0],
      ['three@s', 2, 0],
    ],
  );
  const [, second] = messages;
  assert.ok(second);
  assert.deepEqual(
    [...reader.recipients(second.id)].map((recipient) => recipient.address),
    ['two@a', 'two@b'],
  );
  assert.deepEqual(
    reader.fresh(beginning, 2).map((recipient) => recipient.address),
    ['one@a', 'one@b'],
  );
  assert.equal(second.host, '192.0.2.1');
  assert.equal(reader.counts().oldestMs, 42);
  reader.close();
  await store.close();
});

test('nothing of a version that is not known is read', () => {
  const path = `${temporaryDirectory()}/store`;
  assert.throws(() => openReader(path));
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 99');
  database.close();
  assert.throws(() => openReader(path), /has version 99/);
});

test('a listing goes on while what it lists is deleted', () => {
  const { reader, apply, close } = openBoth();
  const recipients = Array.from({ length: 450 }, (_, index) => `r${index}@x`);
  apply(acceptOperation(1, { recipients }), acceptOperation(2));
  const seen: string[] = [];
  for (const recipient of reader.recipients(1)) {
    seen.push(recipient.address);
    apply({ kind: 'settle', recipientId: recipient.id });
  }
  assert.deepEqual(seen, recipients);
  assert.deepEqual(
    [...reader.messages()].map(({ id }) => id),
    [2],
  );
  assert.equal([...reader.recipients(2)].length, 1);
  close();
});

/** All of an order, a page at a time. */
function pages(
  page: (after: Place, limit: number) => readonly QueuedRecipient[],
  order: (recipient: QueuedRecipient) => number,
  limit: number,
): readonly number[] {
  const ids: number[] = [];
  for (let after = beginning; ; ) {
    const found = page(after, limit);
    ids.push(...found.map(({ id }) => id));
    const last = found.at(-1);
    if (last === undefined) return ids;
    assert.ok(found.length <= limit);
    after = { order: order(last), id: last.id };
  }
}

test('the orders of ranks and of times are gone through whole, however many share a rank or a time', () => {
  const few = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(few, few, fc.integer({ min: 1, max: 7 }), (ranks, times, limit) => {
      const { reader, apply, close } = openBoth();
      apply(...ranks.map((rank, index) => acceptOperation(index + 1, { rank })));
      const first = 100;
      times.forEach((dueMs, index) => {
        const id = first + index;
        const defer = { attempts: 1, triedMs: 0, dueMs, report: '' };
        apply(acceptOperation(id), { kind: 'defer', recipientId: recipientId(id), ...defer });
      });
      const sorted = (keys: readonly number[], from: number, max: number) =>
        keys
          .map((key, index) => ({ key, id: recipientId(from + index) }))
          .filter(({ key }) => key <= max)
          .sort((a, b) => a.key - b.key || a.id - b.id)
          .map(({ id }) => id);
      assert.deepEqual(
        pages(reader.fresh, ({ rank }) => rank, limit),
        sorted(ranks, 1, 9),
      );
      for (const nowMs of [0, 2, 9]) {
        const due = (after: Place, count: number) => reader.due(after, nowMs, count);
        assert.deepEqual(
          pages(due, ({ dueMs }) => dueMs, limit),
          sorted(times, first, nowMs),
        );
        const later = times.filter((dueMs) => dueMs > nowMs);
        assert.equal(reader.nextDueMs(nowMs), later.length > 0 ? Math.min(...later) : undefined);
      }
      // A place beyond the time that is asked for.
      assert.deepEqual(reader.due({ order: 3, id: -1 }, 2, 9), []);
      close();
    }),
    { numRuns: 40 },
  );
});

test('no question and no operation walks the queue: each goes by a key or by an index of its own', (t) => {
  const asked: string[] = [];
  const { prototype } = DatabaseSync;
  const { prepare } = prototype;
  t.mock.method(prototype, 'prepare', function (this: DatabaseSync, sql: string) {
    asked.push(sql);
    return prepare.call(this, sql);
  });
  const { path, close } = openBoth();
  t.mock.restoreAll();
  const database = new DatabaseSync(path);
  const walks = asked
    // The first row by the key.
    .filter((sql) => /^(SELECT|UPDATE|DELETE)/.test(sql) && !sql.endsWith('ORDER BY id LIMIT 1'))
    .flatMap((sql) => database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())
    .map((row) => String(row['detail']))
    .filter((detail) => /SCAN|TEMP B-TREE/.test(detail));
  assert.ok(asked.length > 30);
  // Tables of one row, and the messages that are being received.
  const allowed = /^SCAN (tally|numbering|incoming)$/;
  assert.deepEqual(
    walks.filter((detail) => !allowed.test(detail)),
    [],
  );
  database.close();
  close();
});

test('whatever cannot be read is refused by the name of the store', () => {
  const { reader, path, apply, close } = openBoth();
  apply(acceptOperation(1));
  const message = reader.message(1);
  assert.ok(message);
  const database = new DatabaseSync(path);
  for (const table of ['message', 'chunk', 'recipient', 'tally']) database.exec(`DROP TABLE ${table}`);
  database.close();
  const calls = [
    () => reader.fresh(beginning, 1),
    () => reader.due(beginning, 1, 1),
    () => reader.nextDueMs(0),
    () => reader.bouncesDue(0, 1),
    () => reader.message(1),
    () => [...reader.recipients(1)],
    () => [...reader.messages()],
    () => [...reader.body(message).chunks()],
    () => reader.counts(),
  ];
  for (const call of calls) {
    assert.throws(call, (error: Error) => error.message.startsWith(`${path}: no such table: `));
  }
  close();
  assert.throws(
    () => openReader(`${path}-none`),
    (error: Error) => error.message.startsWith(`${path}-none: `),
  );
});
