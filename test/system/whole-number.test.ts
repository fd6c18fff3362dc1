import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { wholeNumber } from '../../src/system/whole-number.ts';

test('digits alone are a number, as long as it is exact', () => {
  strictEqual(wholeNumber('0'), 0);
  strictEqual(wholeNumber('007'), 7);
  strictEqual(wholeNumber('9'.repeat(15)), 999_999_999_999_999);
  for (const text of ['', ' 1', '1 ', '+1', '-1', '1.5', '1e3', '0x1', '\xb2', '1\n', '1'.repeat(16)]) {
    strictEqual(wholeNumber(text), undefined, JSON.stringify(text));
  }
});
