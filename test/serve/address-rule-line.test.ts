import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { parseRuleLine } from '../../src/serve/index.ts';
import { everyText } from '../support/every-text.ts';

test('addresses, ranges, and settings in their order, as often as they stand there', () => {
  deepStrictEqual(parseRuleLine('1.2.3.4:allow'), { addresses: ['1.2.3.4'], allow: true, settings: [] });
  deepStrictEqual(parseRuleLine('10.0.1-3.:deny,A="x",1=/y/,A=+z+'), {
    addresses: ['10.0.1.', '10.0.2.', '10.0.3.'],
    allow: false,
    settings: [
      ['A', 'x'],
      ['1', 'y'],
      ['A', 'z'],
    ],
  });
  deepStrictEqual(parseRuleLine(':allow')?.addresses, ['']);
  strictEqual(parseRuleLine('no rule'), undefined);
});

test('lines that cannot be understood', () => {
  for (const line of [
    'x:',
    'x:maybe',
    'x:allow,',
    'x:allow,A',
    'x:allow,A=',
    'x:allow,A="',
    'x:deny A="x"',
    '1-x.:deny',
  ])
    throws(() => parseRuleLine(line), /^Error: unable to parse this line: /, line);
});

test('all strings over a small alphabet behind allow are settings or not understood', () => {
  for (const text of everyText(',=aq')) {
    // The grammar, read by another: a quote is any character, and the same one ends the value.
    const isGood = /^(,[^=]*=(.)((?!\2).)*\2)*$/s.test(text);
    const parse = () => parseRuleLine(`:allow${text}`);
    if (isGood) parse();
    else throws(parse, /unable to parse/, text);
  }
});
