import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { accountIdMax, parseAccountId } from '../../../src/local/users/account-id.ts';

test('decimal numbers that an account can have', () => {
  deepStrictEqual(['0', '503', '00503', '4294967294'].map(parseAccountId), [0, 503, 503, accountIdMax]);
});

test('everything else', () => {
  for (const text of [
    '',
    '-1',
    '+1',
    ' 1',
    '1 ',
    '0x10',
    '1e3',
    '4294967295',
    '4294967296',
    '9'.repeat(400),
  ]) {
    deepStrictEqual([text, parseAccountId(text)], [text, undefined]);
  }
});
