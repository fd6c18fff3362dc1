import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommand, smtpVerbs } from '../../../src/serve/smtp/command.ts';
import { everyText } from '../../support/every-text.ts';

test('verbs in any case, and what follows their blanks', () => {
  for (const verb of smtpVerbs) {
    deepStrictEqual(parseCommand(verb), { verb, argument: '' });
    deepStrictEqual(parseCommand(`${verb.toUpperCase()}   x y `), { verb, argument: 'x y ' });
  }
  deepStrictEqual(parseCommand('MaIl FROM:<>'), { verb: 'mail', argument: 'FROM:<>' });
});

test('what is no verb', () => {
  for (const line of [
    '',
    ' QUIT',
    'QUIT\t',
    'QUITx',
    'constructor',
    'toString',
    '__proto__',
    'XCLIENT a',
    'BDAT 3',
  ])
    deepStrictEqual(parseCommand(line).verb, undefined, line);
});

test('every text of a few letters over q U i t and the blank', () => {
  for (const line of everyText('qUit ')) {
    const [, word = '', argument = ''] = /^([^ ]*) *(.*)$/s.exec(line) ?? [];
    const verb = word.toLowerCase() === 'quit' ? 'quit' : undefined;
    deepStrictEqual(parseCommand(line), { verb, argument });
  }
});
