import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Operation, SteerOperation } from '../../src/queue/operation.ts';
import type { Reader } from '../../src/queue/reader.ts';
import { prepareSchema, recipientState } from '../../src/queue/schema.ts';
import { openTally } from '../../src/queue/tally.ts';
import { allRecipients, countsOf, only } from '../support/open-store.ts';
import { acceptOperation, openBoth, recipientId } from '../support/operations.ts';

function openTallied() {
  const database = new DatabaseSync(':memory:');
  prepareSchema(database, 'memory');
  return {
    tally: openTally(database),
    row: () => Object.values(database.prepare('SELECT * FROM tally').get() ?? {}),
  };
}

test('changes are written together, and those of a transaction that failed are not', () => {
  const { tally, row } = openTallied();
  tally.messages(2);
  tally.recipients(recipientState.fresh, 3);
  tally.recipients(recipientState.fresh, -1);
  tally.recipients(recipientState.held, 1);
  assert.deepEqual(row(), [0, 0, 0, 0, 0]);
  tally.flush();
  assert.deepEqual(row(), [2, 2, 0, 1, 0]);
  tally.messages(5);
  tally.reset();
  tally.flush();
  assert.deepEqual(row(), [2, 2, 0, 1, 0]);
});

test('a state that nobody knows is a mistake', () => {
  assert.throws(() => openTallied().tally.recipients(17, 1), /unknown state 17/);
});

/** What counting says, which walks everything. */
function counted(reader: Reader): ReturnType<typeof countsOf> {
  const counts = { ...only({ messages: [...reader.messages()].length }) };
  const result: Record<string, number> = counts;
  for (const { state } of allRecipients(reader)) result[state] = (result[state] ?? 0) + 1;
  return counts;
}

const someRecipient = fc.record({
  message: fc.integer({ min: 1, max: 4 }),
  index: fc.integer({ min: 0, max: 2 }),
});
const orders: readonly SteerOperation['order'][] = ['retry', 'hold', 'release', 'fail', 'delete'];

const someOperation: fc.Arbitrary<Operation> = fc.oneof(
  someRecipient.map(
    ({ message, index }): Operation => ({ kind: 'settle', recipientId: recipientId(message, index) }),
  ),
  someRecipient.map(({ message, index }): Operation => {
    return { kind: 'fail', recipientId: recipientId(message, index), attempts: 1, triedMs: 5, report: '' };
  }),
  someRecipient.map(({ message, index }): Operation => {
    return {
      kind: 'defer',
      recipientId: recipientId(message, index),
      attempts: 1,
      triedMs: 5,
      dueMs: 9,
      report: '',
    };
  }),
  fc.tuple(someRecipient, fc.constantFrom(...orders)).map(([{ message, index }, order]): Operation => {
    return { kind: 'steer', recipientId: recipientId(message, index), order, nowMs: 7, report: '' };
  }),
  fc.integer({ min: 1, max: 9 }).map((nowMs): Operation => ({ kind: 'hasten', nowMs, count: 2 })),
);

test('after any operations the tally is what counting says, and so are the counts of each message', () => {
  fc.assert(
    fc.property(fc.array(fc.array(someOperation, { maxLength: 4 }), { maxLength: 20 }), (transactions) => {
      const { reader, apply, close } = openBoth();
      const recipients = ['a@x', 'b@x', 'c@x'];
      apply(...[1, 2, 3, 4].map((id) => acceptOperation(id, { recipients: recipients.slice(id % 3) })));
      for (const operations of transactions) {
        apply(...operations);
        assert.deepEqual(countsOf(reader), counted(reader));
        for (const { id, open, failed } of reader.messages()) {
          const states = [...reader.recipients(id)].map(({ state }) => state);
          assert.equal(failed, states.filter((state) => state === 'failed').length);
          assert.equal(open, states.length - failed);
          assert.ok(states.length > 0);
        }
      }
      close();
    }),
    { numRuns: 60 },
  );
});
