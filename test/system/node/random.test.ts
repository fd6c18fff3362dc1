import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomBytes } from '../../../src/system/node/random.ts';

test('so many bytes, and others each time', () => {
  for (const size of [0, 1, 16, 100_000]) assert.equal(randomBytes(size).length, size);
  const seen = new Set(Array.from({ length: 100 }, () => Buffer.from(randomBytes(16)).toString('hex')));
  assert.equal(seen.size, 100);
  assert.equal(new Set(randomBytes(10_000)).size, 256);
});
