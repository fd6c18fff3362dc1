import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { createInbox, readInto } from '../../../src/system/node/inbox.ts';

test('what was put first is taken first, and whoever waits is told of it', () => {
  const inbox = createInbox();
  let told = 0;
  inbox.put(Uint8Array.of(1));
  inbox.onPut(() => {
    told += 1;
  });
  inbox.put(Uint8Array.of(2, 3));
  strictEqual(told, 1);
  deepStrictEqual(
    [inbox.take(), inbox.take(), inbox.take()],
    [Uint8Array.of(1), Uint8Array.of(2, 3), undefined],
  );
});

test('one that is full says so until enough was taken', () => {
  const inbox = createInbox();
  strictEqual(inbox.put(new Uint8Array(65_535)), true);
  strictEqual(inbox.isFull, false);
  strictEqual(inbox.put(new Uint8Array(1)), false);
  strictEqual(inbox.isFull, true);
  inbox.take();
  strictEqual(inbox.isFull, false);
});

test('sockets share the buffer that the system reads into, and not the bytes', () => {
  const [one, other] = [createInbox(), createInbox()];
  const reads = [readInto(one), readInto(other)];
  const [buffer] = reads.map((read) => read.buffer as Uint8Array);
  for (const [index, { callback }] of reads.entries()) {
    buffer?.set([index, index]);
    callback(2, buffer ?? new Uint8Array(0));
  }
  strictEqual(reads[0]?.buffer, reads[1]?.buffer);
  deepStrictEqual([one.take(), other.take()], [Uint8Array.of(0, 0), Uint8Array.of(1, 1)]);
});
