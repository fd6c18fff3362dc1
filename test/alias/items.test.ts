import { deepStrictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseProblem, readItems } from '../../src/alias/items.ts';
import { AliasProblem } from '../../src/alias/problem.ts';
import { addressText } from '../../src/mail/index.ts';

function items(line: string, includes = true): readonly string[] {
  return [...readItems(line, { includes })].map(({ kind, tokens }) =>
    kind === 'include' ? `include ${addressText(tokens)}` : addressText(tokens),
  );
}

test('addresses from right to left', () => {
  deepStrictEqual(items('a, b@c.d (e), "f g" @ h\n'), ['f g@h', 'b@c.d', 'a']);
  deepStrictEqual(items('Joe Shmoe <joe@h>, "x" <y>'), ['y', 'joe@h']);
  deepStrictEqual(items('a b c'), ['c', 'b', 'a']);
  deepStrictEqual(items('root: a'), ['a', 'root']);
  deepStrictEqual(items('  (nothing)  ,;'), []);
  deepStrictEqual(items('<>'), ['']);
});

test('an include, where it is wanted', () => {
  deepStrictEqual(items('l: a, :include:/x/y.z'), ['include /x/y.z', 'a', 'l']);
  deepStrictEqual(items(': include : "x y"'), ['include x y']);
  deepStrictEqual(items(':Include:/x'), ['/x', 'Include']);
  deepStrictEqual(items(':include:/x', false), ['/x', 'include']);
  deepStrictEqual(items(':include:'), ['include ']);
});

test('what cannot be read', () => {
  for (const line of ['(', '"a', 'a, [b', ')', 'a>', '>']) {
    throws(() => items(line), AliasProblem, line);
  }
  deepStrictEqual(parseProblem('x\n').message, 'unable to parse this line: x\\x0a');
});

test('any bytes are items or a problem', () => {
  const text = fc.array(fc.constantFrom(...'ab.,@<>:;()[]"\\ \t\n\0\xff'), { maxLength: 40 });
  fc.assert(
    fc.property(text, (characters) => {
      try {
        items(characters.join(''));
      } catch (error) {
        if (!(error instanceof AliasProblem)) throw error;
      }
    }),
  );
});
