import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommand, parseNumber } from '../../../src/serve/pop3/command.ts';
import { everyText } from '../../support/every-text.ts';

test('a keyword in any case, and all behind the blanks', () => {
  deepStrictEqual(parseCommand('QuIt'), { keyword: 'quit', argument: '' });
  deepStrictEqual(parseCommand('PASS secret  word '), { keyword: 'pass', argument: 'secret  word ' });
  deepStrictEqual(parseCommand('TOP   1 2'), { keyword: 'top', argument: '1 2' });
  deepStrictEqual(parseCommand(''), { keyword: '', argument: '' });
  deepStrictEqual(parseCommand(' STAT'), { keyword: '', argument: 'STAT' });
});

test('all strings over a small alphabet', () => {
  for (const text of everyText('A 1\t')) {
    const { keyword, argument } = parseCommand(text);
    const match = /^([^ ]*) *(.*)$/.exec(text);
    deepStrictEqual([keyword, argument], [match?.[1]?.toLowerCase(), match?.[2]], text);
  }
});

test('numbers are digits', () => {
  strictEqual(parseNumber('0'), 0);
  strictEqual(parseNumber('007'), 7);
  strictEqual(parseNumber('4294967295'), 0xffff_ffff);
  for (const text of ['', ' 1', '1 ', '+1', '-1', '1.0', '1e3', '0x1', '4294967296', '99999999999', '١'])
    strictEqual(parseNumber(text), undefined, text);
  for (const text of everyText('09- ')) {
    ok(parseNumber(text) === (/^\d+$/.test(text) ? Number(text) : undefined), text);
  }
});
