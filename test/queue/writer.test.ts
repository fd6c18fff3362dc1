import assert from 'node:assert/strict';
import { statSync, truncateSync } from 'node:fs';
import { test } from 'node:test';
import { messageIdMax } from '../../src/queue/schema.ts';
import { startWriter } from '../../src/queue/writer.ts';
import { bytesOf } from '../../src/system/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { countsOf, only } from '../support/open-store.ts';
import { acceptOperation, openBoth, recipientId } from '../support/operations.ts';

test('a transaction that is rolled back never happened, and its counts neither', () => {
  const { writer, reader, apply, close } = openBoth();
  apply(acceptOperation(1));
  writer.begin();
  writer.apply(acceptOperation(2));
  assert.throws(() => writer.apply(acceptOperation(1)), /UNIQUE/);
  writer.rollback();
  writer.rollback();
  assert.deepEqual(countsOf(reader), only({ messages: 1, fresh: 1 }));
  apply({ kind: 'settle', recipientId: recipientId(1) });
  assert.deepEqual(countsOf(reader), only({}));
  assert.equal(writer.checkpoint(), true);
  close();
});

test('a chunk without its envelope is swept, one with it is not', () => {
  const { writer, reader, apply, close } = openBoth();
  const chunk = (messageId: number, index: number) =>
    ({ kind: 'chunk', messageId, index, bytes: bytesOf('x') }) as const;
  apply(chunk(5, 0), chunk(5, 1), chunk(6, 0), { kind: 'drop', messageId: 6 });
  apply(chunk(7, 0), acceptOperation(7, { index: 1, sizeBytes: 2 }));
  // The first chunk was refused, and the second was not.
  apply(chunk(8, 1));
  assert.equal(reader.counts().incoming, 2);
  writer.begin();
  assert.equal(writer.sweep(), 2);
  assert.equal(writer.sweep(), 0);
  writer.commit();
  assert.deepEqual(countsOf(reader), only({ messages: 1, fresh: 1 }));
  const message = reader.message(7);
  assert.ok(message);
  assert.equal([...reader.body(message).chunks()].length, 2);
  close();
});

test('a start sweeps and reserves numbers that no start before has reserved', () => {
  const first = openBoth();
  first.apply({ kind: 'chunk', messageId: 1, index: 0, bytes: bytesOf('x') });
  const one = startWriter(first.writer);
  first.close();
  const second = openBoth(first.path);
  const two = startWriter(second.writer);
  second.close();
  assert.equal(one.sweptMessages, 1);
  assert.equal(two.sweptMessages, 0);
  assert.ok(one.idCount > 0);
  // The first was not stopped cleanly: nobody knows which of its numbers were used.
  assert.equal(two.firstId, one.firstId + one.idCount);
});

test('a start without a number left goes on without', () => {
  const { writer, apply, close } = openBoth();
  apply({ kind: 'chunk', messageId: 1, index: 0, bytes: bytesOf('x') });
  apply({ kind: 'reserve', count: messageIdMax - 10 });
  assert.deepEqual(startWriter(writer), { firstId: 0, idCount: 0, sweptMessages: 1 });
  close();
});

test('a queue that drained gives its space back, step by step', () => {
  const { writer, path, apply, close } = openBoth(`${temporaryDirectory()}/store`);
  const bytes = new Uint8Array(65_536);
  const large = () => statSync(path).size;
  for (let index = 0; index < 400; index += 1) apply({ kind: 'chunk', messageId: 1, index, bytes });
  writer.checkpoint();
  const full = large();
  assert.ok(full > 400 * bytes.length);
  assert.equal(writer.compact(false), false);
  apply({ kind: 'drop', messageId: 1 });
  let steps = 0;
  while (writer.compact(false)) {
    steps += 1;
    assert.ok(writer.checkpoint());
  }
  assert.ok(steps >= 3, `${steps} steps`);
  assert.ok(large() < 3_000_000, `${large()} bytes are left of ${full}`);
  assert.equal(statSync(`${path}-wal`).size, 0);
  // It is as good as before.
  apply(acceptOperation(2));
  close();
});

test('what is given back is not written to the log before', () => {
  const { writer, path, apply, close } = openBoth(`${temporaryDirectory()}/store`);
  const bytes = new Uint8Array(65_536);
  for (let index = 0; index < 200; index += 1) apply({ kind: 'chunk', messageId: 1, index, bytes });
  apply({ kind: 'drop', messageId: 1 });
  // The log's file goes, so that its size tells what is written from here on.
  writer.checkpoint();
  truncateSync(`${path}-wal`);
  assert.equal(writer.compact(false), true);
  const writtenBytes = statSync(`${path}-wal`).size;
  assert.ok(writtenBytes < 400_000, `${writtenBytes} bytes in the log`);
  close();
});

test('while mail comes and goes, half of the pages may stay free', () => {
  const { writer, apply, close } = openBoth(`${temporaryDirectory()}/store`);
  const bytes = new Uint8Array(65_536);
  for (let index = 0; index < 200; index += 1) apply({ kind: 'chunk', messageId: 1, index, bytes });
  for (let index = 0; index < 200; index += 1) apply({ kind: 'chunk', messageId: 2, index, bytes });
  apply({ kind: 'drop', messageId: 1 });
  assert.equal(writer.compact(true), false);
  // They go when nothing happens.
  assert.equal(writer.compact(false), true);
  apply({ kind: 'drop', messageId: 2 });
  assert.equal(writer.compact(true), true);
  close();
});
