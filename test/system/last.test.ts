import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { last } from '../../src/system/index.ts';

test('of arrays, bytes and texts', () => {
  strictEqual(last([1, 2, 3]), 3);
  strictEqual(last(new Uint8Array([7, 10])), 10);
  strictEqual(last('dot.'), '.');
});

test('nothing is last in nothing', () => {
  strictEqual(last([]), undefined);
  strictEqual(last(''), undefined);
});
