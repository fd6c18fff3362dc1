import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { deferred, refused } from '../../../src/local/users/found-user.ts';

test('reports are lines', () => {
  deepStrictEqual(deferred('home', 'Not now.'), {
    ok: false,
    trouble: 'home',
    answer: { verdict: 'Z', text: 'Not now.\n' },
  });
  deepStrictEqual(refused('address', 'Never.'), {
    ok: false,
    trouble: 'address',
    answer: { verdict: 'D', text: 'Never.\n' },
  });
});
