import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openReader } from '../../src/queue/reader.ts';
import { keysPerMessage } from '../../src/queue/schema.ts';
import { openWriter } from '../../src/queue/writer.ts';
import { bytesOf } from '../../src/system/index.ts';
import { temporaryDirectory } from '../support/home.ts';

test('a transaction that is rolled back never happened', () => {
  const path = `${temporaryDirectory()}/store`;
  const writer = openWriter(path);
  const reader = openReader(path);
  const accept = (messageId: number) =>
    writer.apply({
      kind: 'accept',
      messageId,
      birthMs: 1,
      caller: '0',
      host: '',
      sender: 's',
      recipients: ['r'],
      sizeBytes: 1,
      index: 0,
      bytes: bytesOf('x'),
    });
  writer.begin();
  accept(1);
  writer.commit();
  writer.begin();
  accept(2);
  assert.throws(() => accept(1), /UNIQUE/);
  writer.rollback();
  writer.rollback();
  assert.deepEqual(reader.counts(), { messages: 1, recipients: 1, incoming: 0 });
  writer.begin();
  assert.equal(writer.apply({ kind: 'settle', recipientId: keysPerMessage }), 1);
  writer.commit();
  assert.deepEqual(reader.counts(), { messages: 0, recipients: 0, incoming: 0 });
  assert.equal(writer.checkpoint(), true);
  reader.close();
  writer.close();
});

test('a chunk without its envelope is swept, one with it is not', () => {
  const writer = openWriter(`${temporaryDirectory()}/store`);
  writer.begin();
  writer.apply({ kind: 'chunk', messageId: 5, index: 0, bytes: bytesOf('x') });
  writer.apply({ kind: 'chunk', messageId: 5, index: 1, bytes: bytesOf('y') });
  writer.apply({ kind: 'chunk', messageId: 6, index: 0, bytes: bytesOf('z') });
  writer.apply({ kind: 'drop', messageId: 6 });
  assert.equal(writer.sweep(), 1);
  assert.equal(writer.sweep(), 0);
  writer.commit();
  writer.close();
});
