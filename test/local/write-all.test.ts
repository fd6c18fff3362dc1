import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { writeAll, writeStream } from '../../src/local/write-all.ts';
import { bytesOf } from '../../src/system/index.ts';
import { temporaryDirectory } from '../support/home.ts';

async function written(write: (descriptor: number) => Promise<void>): Promise<string> {
  const path = `${temporaryDirectory()}/file`;
  const descriptor = openSync(path, 'wx');
  try {
    await write(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return readFileSync(path, 'latin1');
}

test('parts are written in order, empty ones too', async () => {
  const parts = ['one ', '', 'two ', 'three'].map(bytesOf);
  assert.equal(await written((descriptor) => writeAll(descriptor, parts)), 'one two three');
  assert.equal(await written((descriptor) => writeAll(descriptor, [])), '');
});

test('the head comes first, with or without pieces', async () => {
  const head = bytesOf('head\n');
  assert.equal(await written((descriptor) => writeStream(descriptor, head, [])), 'head\n');
  const pieces = ['a', '', 'b'].map(bytesOf);
  assert.equal(await written((descriptor) => writeStream(descriptor, head, pieces)), 'head\nab');
});

test('a piece is asked for when the one before it is written, so its array may be used again', async () => {
  function* pieces() {
    const buffer = new Uint8Array(3);
    for (const byte of bytesOf('xyz')) yield buffer.fill(byte);
  }
  assert.equal(await written((descriptor) => writeStream(descriptor, bytesOf('-'), pieces())), '-xxxyyyzzz');
});

test('a descriptor that cannot be written is an error', async () => {
  const descriptor = openSync('/dev/null', 'r');
  await assert.rejects(writeAll(descriptor, [bytesOf('x')]), { code: 'EBADF' });
  closeSync(descriptor);
  const full = openSync('/dev/full', 'w');
  await assert.rejects(writeAll(full, [bytesOf('x')]), { code: 'ENOSPC' });
  closeSync(full);
});
