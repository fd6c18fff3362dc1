import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isVerdict } from '../../src/system/index.ts';

test('three letters are verdicts, and nothing else is', () => {
  for (const letter of ['K', 'Z', 'D']) assert.equal(isVerdict(letter), true);
  for (const other of ['', 'k', 'z', 'd', 'KZ', 'A', '2', ' K']) assert.equal(isVerdict(other), false);
});
