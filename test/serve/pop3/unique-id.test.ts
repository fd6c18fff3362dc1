import { match, notStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { baseOf, uniqueId } from '../../../src/serve/pop3/unique-id.ts';

test('the name up to its colon', () => {
  strictEqual(baseOf('1.a.h:2,S'), '1.a.h');
  strictEqual(uniqueId('1.a.h'), '1.a.h');
  strictEqual(uniqueId('1.a.h:2,S'), '1.a.h');
  strictEqual(uniqueId('x'.repeat(70)), 'x'.repeat(70));
});

test('UIDL chopping: a name that is too long, or has bytes that may not be, gets a digest that stays the same', () => {
  for (const name of ['x'.repeat(71), 'a b', 'a\x7fb', 'caf\xe9', ':2,S']) {
    match(uniqueId(name), /^[0-9a-f]{64}$/);
    strictEqual(uniqueId(name), uniqueId(`${baseOf(name)}:2,RS`));
  }
  notStrictEqual(uniqueId(`${'x'.repeat(80)}1`), uniqueId(`${'x'.repeat(80)}2`));
});
