import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { addressCommandBytesEnd, commandOf, commandsOf } from '../../src/alias/commands.ts';

test('the first byte tells the kind', () => {
  const kinds = ['&a', '/a', './a', '|a', '!a', 'a', ''].map((text) => commandOf(text).kind);
  deepStrictEqual(kinds, ['address', 'list', 'list', 'program', 'program', 'unknown', 'unknown']);
});

test('an address has its limit, a program none', () => {
  const long = 'a'.repeat(addressCommandBytesEnd - 1);
  deepStrictEqual(
    [`&${long}`, `&${long.slice(1)}`, `|${long}`, 'x'].map((text) => commandOf(text).isWellFormed),
    [false, true, true, false],
  );
});

test('commands and a rest', () => {
  const { commands, rest } = commandsOf('&a\0\0|b\0c');
  deepStrictEqual([commands.map(({ text }) => text), rest], [['&a', '', '|b'], 'c']);
  deepStrictEqual(commandsOf(''), { commands: [], rest: '' });
});
