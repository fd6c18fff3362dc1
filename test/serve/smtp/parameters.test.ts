import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseMailParameters, splitParameters } from '../../../src/serve/smtp/parameters.ts';
import { everyText } from '../../support/every-text.ts';

test('what is known', () => {
  const nothing = { sizeBytes: 0, utf8: false };
  const good: Readonly<Record<string, { sizeBytes: number; utf8: boolean }>> = {
    '': nothing,
    '   ': nothing,
    ' SIZE=0': nothing,
    ' size=1234': { sizeBytes: 1234, utf8: false },
    ' BODY=8BITMIME': nothing,
    '  body=7bit   SIZE=7 ': { sizeBytes: 7, utf8: false },
    ' SMTPUTF8 BODY=8BITMIME': { sizeBytes: 0, utf8: true },
    ' AUTH=<>': nothing,
    ' AUTH=user+40x.y': nothing,
    ' SIZE=99999999999999999999': { sizeBytes: 1e20, utf8: false },
  };
  for (const [text, parameters] of Object.entries(good))
    deepStrictEqual(parseMailParameters(text), { ok: true, parameters }, text);
});

test('what is not', () => {
  const bad: Readonly<Record<string, string>> = {
    ' SIZE': 'malformed',
    ' SIZE=': 'malformed',
    ' SIZE=-1': 'malformed',
    ' SIZE=1e3': 'malformed',
    ' SIZE=0x10': 'malformed',
    ' SIZE=999999999999999999999': 'malformed',
    ' BODY=BINARYMIME': 'malformed',
    ' BODY': 'malformed',
    ' SMTPUTF8=1': 'malformed',
    ' AUTH': 'malformed',
    ' RET=HDRS': 'unknown',
    ' REQUIRETLS': 'unknown',
    ' =': 'unknown',
    ' constructor=1': 'unknown',
  };
  for (const [text, problem] of Object.entries(bad))
    deepStrictEqual(parseMailParameters(text), { ok: false, problem }, text);
});

test('any parameters give a size or a problem', () => {
  const word = fc.constantFrom('SIZE', 'BODY', 'SMTPUTF8', 'AUTH', '=', '1', '8BITMIME', ' ', 'x', '\xff');
  fc.assert(
    fc.property(
      fc.array(word).map((words) => words.join('')),
      (text) => {
        const parsed = parseMailParameters(text);
        ok(
          !parsed.ok || Number.isSafeInteger(parsed.parameters.sizeBytes) || parsed.parameters.sizeBytes > 0,
        );
        for (const { keyword } of splitParameters(text)) strictEqual(keyword.includes(' '), false);
      },
    ),
  );
});

test('every text of a few words is parameters with a size of digits, or none', () => {
  for (const text of everyText(['SIZE', 'BODY=7BIT', '=', '1', ' '])) {
    const isGood = /^ *((SIZE=1+|BODY=7BIT) +)*(SIZE=1+|BODY=7BIT)? *$/.test(text);
    strictEqual(parseMailParameters(text).ok, isGood, text);
  }
});
