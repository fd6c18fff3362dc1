import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namingStore, storeProblem } from '../../src/queue/store-problem.ts';

test('a problem names the store once', () => {
  assert.equal(storeProblem('/queue/store', new Error('disk I/O error')), '/queue/store: disk I/O error');
  assert.equal(storeProblem('/queue/store', new Error('/queue/store is full')), '/queue/store is full');
});

test('an error of the work on a store names it and keeps its cause', () => {
  assert.equal(
    namingStore('/queue/store', () => 7),
    7,
  );
  const cause = new Error('disk I/O error');
  const fail = () => {
    throw cause;
  };
  assert.throws(() => namingStore('/queue/store', fail), { message: '/queue/store: disk I/O error', cause });
});
