import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { lockFile } from '../../src/local/file-lock.ts';
import { holdLock } from '../support/hold-lock.ts';
import { temporaryDirectory } from '../support/home.ts';

test('a lock stays with the open file until it is closed', async () => {
  const path = `${temporaryDirectory()}/box`;
  const first = openSync(path, 'a');
  const second = openSync(path, 'a');
  try {
    assert.equal(await lockFile(first, 1), true);
    assert.equal(await lockFile(second, 0), false);
    const waits = lockFile(second, 30);
    closeSync(first);
    assert.equal(await waits, true);
  } finally {
    closeSync(second);
  }
});

test('a lock that another process holds is waited for, but not longer than asked', async () => {
  const path = `${temporaryDirectory()}/box`;
  const holder = await holdLock(path);
  const descriptor = openSync(path, 'a');
  try {
    assert.equal(await lockFile(descriptor, 0.05), false);
    await holder.release();
    assert.equal(await lockFile(descriptor, 30), true);
  } finally {
    closeSync(descriptor);
  }
});

test('what flock cannot lock is an error', async () => {
  await assert.rejects(lockFile(openSync('/', 'r'), Number.NaN), /flock ended with/);
});
