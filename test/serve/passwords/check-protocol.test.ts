import { notStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { isToken, newToken, parseEnd } from '../../../src/serve/passwords/check-protocol.ts';

test('a token is 32 hexadecimal digits, and another one each time', () => {
  ok(isToken(newToken()));
  notStrictEqual(newToken(), newToken());
  for (const wrong of [
    '',
    'a'.repeat(31),
    'a'.repeat(33),
    `${'a'.repeat(31)}g`,
    `${'a'.repeat(31)}\n`,
    'A'.repeat(32),
  ])
    ok(!isToken(wrong), wrong);
});

test('an exit code is digits and nothing else', () => {
  strictEqual(parseEnd('0'), 0);
  strictEqual(parseEnd('111'), 111);
  for (const text of ['', 'SIGKILL', '1111', '-1', '1 ']) strictEqual(parseEnd(text), text);
});
