import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mailBytes, type Operation } from '../../src/queue/operation.ts';
import { acceptOperation } from '../support/operations.ts';

const bytes = new Uint8Array(5000);
const report = 'x'.repeat(1000);

test('new mail takes as much room as its bytes and its envelope', () => {
  const accept = (recipients: readonly string[]) => acceptOperation(1, { bytes, recipients });
  assert.equal(mailBytes({ kind: 'chunk', messageId: 1, index: 0, bytes }), 5000);
  assert.ok(mailBytes(accept([])) > 5000);
  const recipients = Array.from({ length: 1000 }, () => 'x'.repeat(100));
  assert.ok(mailBytes(accept(recipients)) > mailBytes(accept([])) + 100_000);
});

test('what keeps records of mail that is there is no new mail', () => {
  const records: readonly Operation[] = [
    { kind: 'drop', messageId: 1 },
    { kind: 'settle', recipientId: 1 },
    { kind: 'fail', recipientId: 1, attempts: 1, triedMs: 1, report },
    { kind: 'defer', recipientId: 1, attempts: 1, triedMs: 1, dueMs: 1, report },
    { kind: 'postpone', recipientIds: [1, 2], dueMs: [1, 2] },
    { kind: 'steer', recipientId: 1, order: 'hold', nowMs: 1, report },
    { kind: 'hasten', nowMs: 1, count: 1 },
    { kind: 'discard', messageId: 1 },
    { kind: 'forget', nowMs: 1, count: 1 },
    { kind: 'reserve', count: 1 },
  ];
  assert.deepEqual(
    records.map(mailBytes),
    records.map(() => 0),
  );
});
