import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { remoteSaid, verdictOf } from '../../../src/remote/smtp/texts.ts';

test('what a code means', () => {
  const verdicts = [200, 250, 299, 300, 354, 399, 400, 499, 500, 599].map((code) =>
    [2, 3].map((hundred) => verdictOf({ code, text: '' }, hundred === 2 ? 2 : 3)).join(''),
  );
  deepStrictEqual(verdicts, ['KZ', 'KZ', 'KZ', 'ZK', 'ZK', 'ZK', 'ZZ', 'ZZ', 'DD', 'DD']);
});

test('what a server said stands on lines of its own', () => {
  strictEqual(remoteSaid({ code: 550, text: '550-a\n550 b' }), 'Remote host said: 550-a\n550 b\n');
});
