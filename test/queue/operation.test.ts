import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mailBytes, type Operation } from '../../src/queue/operation.ts';

const bytes = new Uint8Array(5000);

function accept(recipients: readonly string[]): Operation {
  const message = { messageId: 1, birthMs: 0, caller: 'network', host: '', sender: 's', sizeBytes: 5000 };
  return { kind: 'accept', ...message, recipients, index: 0, bytes };
}

test('new mail takes as much room as its bytes and its envelope', () => {
  assert.equal(mailBytes({ kind: 'chunk', messageId: 1, index: 0, bytes }), 5000);
  assert.ok(mailBytes(accept([])) > 5000);
  const recipients = Array.from({ length: 1000 }, () => 'x'.repeat(100));
  assert.ok(mailBytes(accept(recipients)) > mailBytes(accept([])) + 100_000);
});

test('what keeps records of mail that is there is no new mail', () => {
  const records: readonly Operation[] = [
    { kind: 'drop', messageId: 1 },
    { kind: 'settle', recipientId: 1 },
    { kind: 'defer', recipientId: 1, attempts: 1, dueMs: 1, report: 'x'.repeat(1000) },
    { kind: 'reserve', count: 1 },
  ];
  assert.deepEqual(records.map(mailBytes), [0, 0, 0, 0]);
});
