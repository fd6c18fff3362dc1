/** Tokens of RFC 822, read as token822.c reads them. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Token, tokenise } from '../../src/mail/token.ts';
import { unparse } from '../../src/mail/unparse.ts';
import { everyText } from '../support/every-text.ts';

function shown(text: string): readonly string[] | undefined {
  return tokenise(text)?.map(({ kind, text: said }) => (kind === said ? kind : `${kind} ${said}`));
}

test('specials, words and blanks', () => {
  deepStrictEqual(shown('To: Joe\t<j@h.x>,;\r\n'), [
    'atom To',
    ':',
    'atom Joe',
    '<',
    'atom j',
    '@',
    'atom h',
    '.',
    'atom x',
    '>',
    ',',
    ';',
  ]);
  deepStrictEqual(shown('"a \\"b" [1.2\\]3] (c (d) \\) e)'), [
    'quoted a "b',
    'literal 1.2]3',
    'comment c d ) e',
  ]);
});

test('a backslash in an atom quotes what follows, even at the end', () => {
  deepStrictEqual(shown('a\\ b\\'), ['quoted a b']);
  deepStrictEqual(shown('a\\@b'), ['quoted a@b']);
});

test('an atom with bytes that no atom may hold is quoted when it leaves', () => {
  deepStrictEqual(shown('caf\xe9'), ['quoted caf\xe9']);
  deepStrictEqual(shown('a)b'), ['quoted a)b']);
  deepStrictEqual(shown('a\\\\b'), ['quoted a\\b']);
});

test('what opens must close, and what closes must have been opened', () => {
  for (const text of ['(', '"', '[', ')', ']', '(a (b)', '"\\"', 'a (', '(\\'])
    strictEqual(tokenise(text), undefined, text);
});

test('any bytes are tokens or not, and never an exception', () => {
  const bytes = fc.array(fc.constantFrom(...'ab.,@<>:;()[]"\\ \t\r\n+\0\xff'), { maxLength: 40 });
  fc.assert(fc.property(bytes, (characters) => void tokenise(characters.join(''))));
});

test('what was written is read as the same tokens', () => {
  const text = fc.array(fc.constantFrom(...'ab+-(){}[]"\\\r\n \xe9'), { minLength: 1, maxLength: 8 });
  const atom = fc.array(fc.constantFrom(...'abc+-_=?%'), { minLength: 1, maxLength: 8 });
  const word = fc.oneof(
    atom.map((characters): Token => ({ kind: 'atom', text: characters.join('') })),
    fc
      .tuple(fc.constantFrom('quoted', 'literal', 'comment'), text)
      .map(([kind, characters]): Token => ({ kind, text: characters.join('') })),
  );
  const mark = fc
    .constantFrom('.', '@', '<', '>', ':', ';', ',')
    .map((kind): Token => ({ kind, text: kind }));
  fc.assert(
    fc.property(fc.array(fc.oneof(word, mark), { maxLength: 60 }), (tokens) => {
      deepStrictEqual(tokenise(unparse(tokens)), tokens);
    }),
  );
});

test('every text of a few letters is read again as the tokens that it is, or is none', () => {
  for (const text of everyText('a"\\()[<@')) {
    // A backslash with nothing behind it is an atom of nothing.
    const tokens = tokenise(text)?.filter(({ kind, text: said }) => kind !== 'atom' || said !== '');
    if (tokens !== undefined) deepStrictEqual(tokenise(unparse(tokens)), tokens, text);
  }
});
