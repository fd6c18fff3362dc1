import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { type Operation, progress, type SteerOperation } from '../../src/queue/operation.ts';
import type { Reader } from '../../src/queue/reader.ts';
import { bytesOf } from '../../src/system/index.ts';
import { countsOf, only } from '../support/open-store.ts';
import { acceptOperation, openBoth, recipientId } from '../support/operations.ts';

const ab = { recipients: ['a@x', 'b@x'] };

function settle(messageId: number, index = 0): Operation {
  return { kind: 'settle', recipientId: recipientId(messageId, index) };
}

function fail(messageId: number, index = 0, report = 'no'): Operation {
  return { kind: 'fail', recipientId: recipientId(messageId, index), attempts: 1, triedMs: 2000, report };
}

function defer(messageId: number, dueMs: number, index = 0): Operation {
  const recipient = recipientId(messageId, index);
  return { kind: 'defer', recipientId: recipient, attempts: 1, triedMs: 2000, dueMs, report: 'later' };
}

function steer(order: SteerOperation['order'], messageId: number, index = 0): Operation {
  return { kind: 'steer', recipientId: recipientId(messageId, index), order, nowMs: 3000, report: 'because' };
}

function states(reader: Reader, messageId: number): readonly string[] {
  return [...reader.recipients(messageId)].map(({ state }) => state);
}

test('the last recipient that is settled takes the message with it, and its chunks', () => {
  const { reader, apply, close } = openBoth();
  apply({ kind: 'chunk', messageId: 1, index: 0, bytes: bytesOf('xy') });
  apply(acceptOperation(1, { ...ab, index: 1, sizeBytes: 3 }));
  assert.deepEqual(countsOf(reader), only({ messages: 1, fresh: 2 }));
  const message = reader.message(1);
  assert.ok(message);
  assert.deepEqual(apply(settle(1, 1)), [progress.open]);
  assert.deepEqual(apply(settle(1, 1)), [progress.open]);
  assert.deepEqual(apply(settle(1, 0)), [progress.finished]);
  assert.equal(reader.message(1), undefined);
  assert.throws(() => [...reader.body(message).chunks()], /ends after 0 of 3 bytes/);
  assert.deepEqual(countsOf(reader), only({}));
  close();
});

test('failures wait for the last open recipient, and then the bounce is due', () => {
  const { reader, apply, close } = openBoth();
  apply(acceptOperation(1, ab), acceptOperation(2, ab));
  assert.deepEqual(apply(fail(1, 0)), [progress.open]);
  assert.deepEqual(reader.bouncesDue(0, 9), []);
  assert.deepEqual(apply(settle(1, 1)), [progress.bounceDue]);
  assert.deepEqual(apply(fail(2, 0), fail(2, 1, 'never')), [progress.open, progress.bounceDue]);
  assert.deepEqual(
    reader.bouncesDue(0, 9).map(({ id }) => id),
    [1, 2],
  );
  assert.deepEqual(
    reader.bouncesDue(2, 9).map(({ id }) => id),
    [2],
  );
  assert.deepEqual(countsOf(reader), only({ messages: 2, failed: 3 }));
  // Nothing brings a failed recipient back.
  apply(settle(1), fail(1), defer(1, 5), steer('retry', 1), steer('release', 1), steer('hold', 1));
  assert.deepEqual(countsOf(reader), only({ messages: 2, failed: 3 }));
  assert.deepEqual(
    [...reader.recipients(2)].map(({ report, attempts, triedMs }) => [report, attempts, triedMs]),
    [
      ['no', 1, 2000],
      ['never', 1, 2000],
    ],
  );
  close();
});

test('a bounce comes in the same moment in which its message goes', () => {
  const { reader, apply, close } = openBoth();
  apply(acceptOperation(1, ab), fail(1, 0), fail(1, 1));
  apply(acceptOperation(2, { sender: '', recipients: ['s@example.org'], replaces: 1 }));
  assert.deepEqual(
    [...reader.messages()].map(({ id }) => id),
    [2],
  );
  assert.deepEqual(countsOf(reader), only({ messages: 1, fresh: 1 }));
  assert.throws(() => apply(acceptOperation(3, { replaces: 1 })), /message 1 is not there/);
  assert.throws(() => apply(acceptOperation(3, { replaces: 2 })), /message 2 has open recipients/);
  assert.deepEqual(countsOf(reader), only({ messages: 1, fresh: 1 }));
  apply(fail(2), { kind: 'discard', messageId: 2 });
  assert.deepEqual(countsOf(reader), only({}));
  close();
});

test('a deferred recipient waits for its time; one on hold stays there', () => {
  const { reader, apply, close } = openBoth();
  apply(acceptOperation(1, ab), steer('hold', 1, 1));
  assert.deepEqual(states(reader, 1), ['fresh', 'held']);
  apply(defer(1, 9000, 0), defer(1, 9000, 1));
  assert.deepEqual(states(reader, 1), ['waiting', 'held']);
  assert.deepEqual(countsOf(reader), only({ messages: 1, waiting: 1, held: 1 }));
  const [waiting, held] = [...reader.recipients(1)];
  assert.deepEqual([waiting?.dueMs, waiting?.report, waiting?.attempts], [9000, 'later', 1]);
  assert.equal(held?.report, 'later');
  // A delivery that ran while it was put on hold still counts.
  assert.deepEqual(apply(settle(1, 1)), [progress.open]);
  assert.deepEqual(countsOf(reader), only({ messages: 1, waiting: 1 }));
  close();
});

test('orders change what they can change, and say when there is nothing', () => {
  const { reader, apply, close } = openBoth();
  apply(acceptOperation(1, { recipients: ['a@x', 'b@x', 'c@x', 'd@x', 'e@x'] }));
  apply(defer(1, 9000, 1));
  assert.deepEqual(
    apply(
      steer('retry', 1, 0),
      steer('retry', 1, 1),
      steer('release', 1, 1),
      steer('hold', 1, 2),
      steer('hold', 1, 2),
    ),
    [progress.unchanged, progress.open, progress.unchanged, progress.open, progress.unchanged],
  );
  assert.deepEqual(
    reader.due({ order: -1, id: -1 }, 3000, 9).map(({ address }) => address),
    ['b@x'],
  );
  assert.deepEqual(apply(steer('retry', 1, 2), steer('release', 1, 2)), [progress.unchanged, progress.open]);
  assert.deepEqual(apply(steer('fail', 1, 3), steer('delete', 1, 4)), [progress.open, progress.open]);
  assert.deepEqual(states(reader, 1), ['fresh', 'waiting', 'waiting', 'failed']);
  assert.deepEqual(apply(steer('delete', 1, 4)), [progress.unchanged]);
  // A failed one is forgotten while there are open ones, and then not any more.
  apply(steer('fail', 1, 2));
  assert.deepEqual(apply(steer('delete', 1, 2)), [progress.open]);
  assert.deepEqual(apply(settle(1, 0), settle(1, 1)), [progress.open, progress.bounceDue]);
  assert.deepEqual(apply(steer('delete', 1, 3)), [progress.unchanged]);
  assert.deepEqual(countsOf(reader), only({ messages: 1, failed: 1 }));
  close();
});

test('deleting the last recipient finishes the message, or makes its bounce due', () => {
  const { reader, apply, close } = openBoth();
  apply(acceptOperation(1), acceptOperation(2, ab), fail(2, 0));
  assert.deepEqual(apply(steer('delete', 1), steer('delete', 2, 1)), [progress.finished, progress.bounceDue]);
  assert.deepEqual(countsOf(reader), only({ messages: 1, failed: 1 }));
  close();
});

test('what waits is made due, some at a time, and not what was tried since', () => {
  const { reader, apply, close } = openBoth();
  const recipients = Array.from({ length: 10 }, (_, index) => `r${index}@x`);
  apply(acceptOperation(1, { recipients }));
  apply(...recipients.map((_, index) => defer(1, 9000 + index, index)));
  assert.deepEqual(apply({ kind: 'hasten', nowMs: 2000, count: 99 }), [0]);
  const hasten: Operation = { kind: 'hasten', nowMs: 2001, count: 4 };
  assert.deepEqual([apply(hasten), apply(hasten), apply(hasten), apply(hasten)], [[4], [4], [2], [0]]);
  assert.equal(reader.due({ order: -1, id: -1 }, 2001, 99).length, 10);
  close();
});

test('a submission that is remembered is the message that it became before', () => {
  const { reader, apply, close } = openBoth();
  const memory = (name: string, expiresMs: number) => ({ key: bytesOf(name), expiresMs });
  const accept = (id: number, name: string, birthMs = 1000, more = {}) =>
    apply(acceptOperation(id, { birthMs, memory: memory(name, birthMs + 500), ...more }))[0];
  assert.equal(accept(1, 'one'), 0);
  assert.equal(accept(2, 'two'), 0);
  assert.equal(accept(3, 'one', 1499), 1);
  // The chunks of the second submission go at once.
  apply({ kind: 'chunk', messageId: 4, index: 0, bytes: bytesOf('x') });
  assert.equal(accept(4, 'one', 1499, { index: 1 }), 1);
  assert.deepEqual(countsOf(reader), only({ messages: 2, fresh: 2 }));
  // It is remembered when the message is long gone, until its time is over.
  apply(settle(1), settle(2));
  assert.equal(accept(5, 'one', 1499), 1);
  assert.equal(accept(6, 'one', 1500), 0);
  assert.equal(accept(7, 'one', 1600), 6);
  assert.deepEqual(apply({ kind: 'forget', nowMs: 1500, count: 9 }), [1]);
  assert.deepEqual(apply({ kind: 'forget', nowMs: 9999, count: 9 }), [1]);
  assert.equal(accept(8, 'one', 1600), 0);
  close();
});

test('two of the same submission in one transaction become one message', () => {
  const { reader, apply, close } = openBoth();
  const memory = { key: bytesOf('k'), expiresMs: 9999 };
  const accept = (id: number) => acceptOperation(id, { memory });
  assert.deepEqual(apply(accept(1), accept(2), accept(3)), [0, 1, 1]);
  assert.deepEqual(countsOf(reader), only({ messages: 1, fresh: 1 }));
  close();
});

test('numbers are reserved once each, and not beyond the last', () => {
  const { apply, close } = openBoth();
  assert.deepEqual(apply({ kind: 'reserve', count: 10 }, { kind: 'reserve', count: 5 }), [1, 11]);
  assert.deepEqual(apply({ kind: 'reserve', count: 2 ** 33 }), [0]);
  assert.deepEqual(apply({ kind: 'reserve', count: 1 }), [16]);
  close();
});

test('numbers that were not used are given back, and only those', () => {
  const { apply, close } = openBoth();
  apply({ kind: 'reserve', count: 100 });
  assert.deepEqual(apply({ kind: 'giveBack', firstId: 5 }, { kind: 'reserve', count: 1 }), [0, 5]);
  // What was never reserved is none to give.
  assert.deepEqual(apply({ kind: 'giveBack', firstId: 9 }, { kind: 'reserve', count: 10 }), [0, 6]);
  apply(acceptOperation(7), { kind: 'chunk', messageId: 8, index: 0, bytes: bytesOf('x') });
  for (const firstId of [7, 8]) {
    assert.deepEqual(apply({ kind: 'giveBack', firstId }, { kind: 'reserve', count: 1 }), [0, firstId + 9]);
  }
  assert.deepEqual(apply({ kind: 'giveBack', firstId: 9 }, { kind: 'reserve', count: 1 }), [0, 9]);
  close();
});

test('a store that does not say which number is next gives out none', () => {
  const { path, apply, close } = openBoth();
  const database = new DatabaseSync(path);
  database.exec('DELETE FROM numbering');
  database.close();
  assert.throws(
    () => apply({ kind: 'reserve', count: 1 }),
    /store has lost its next message number: see qmail-qcheck/,
  );
  close();
});

test('a message to nobody leaves nothing', () => {
  const { reader, apply, close } = openBoth();
  apply({ kind: 'chunk', messageId: 1, index: 0, bytes: bytesOf('x') });
  apply(acceptOperation(1, { recipients: [], index: 1, sizeBytes: 2 }));
  assert.deepEqual(countsOf(reader), only({}));
  assert.deepEqual([...reader.messages()], []);
  close();
});

test('what is postponed waits until its time, untried; what is held, failed or gone stays as it is', () => {
  const { reader, apply, close } = openBoth();
  apply(acceptOperation(1, { recipients: ['fresh@x', 'waiting@x', 'held@x', 'failed@x', 'gone@x'] }));
  apply(defer(1, 5000, 1), steer('hold', 1, 2), fail(1, 3), settle(1, 4));
  const recipientIds = [0, 1, 2, 3, 4].map((index) => recipientId(1, index));
  assert.deepEqual(apply({ kind: 'postpone', recipientIds, dueMs: [7000, 8000, 9000, 9000, 9000] }), [0]);
  assert.deepEqual(states(reader, 1), ['waiting', 'waiting', 'held', 'failed']);
  const [untried, tried] = reader.recipients(1);
  assert.deepEqual([untried?.dueMs, untried?.attempts, untried?.triedMs, untried?.report], [7000, 0, 0, '']);
  assert.deepEqual([tried?.dueMs, tried?.attempts, tried?.triedMs, tried?.report], [8000, 1, 2000, 'later']);
  assert.deepEqual(countsOf(reader), only({ messages: 1, waiting: 2, held: 1, failed: 1 }));
  close();
});
