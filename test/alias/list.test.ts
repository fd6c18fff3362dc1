import { deepStrictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { listEntries, listLines } from '../../src/alias/list.ts';
import { linesOf } from '../support/lines-of.ts';

const entries = (text: string) => [...listEntries(linesOf(text))].join('');
const lines = (text: string) => [...listLines(linesOf(text, '\0'))].join('');

test('lines become entries', () => {
  deepStrictEqual(entries('a@b.c \t\n\n# no\n&d@e\n/f g\n./h'), '&a@b.c\0&d@e\0/f g\0./h\0');
  throws(() => entries('a\0b\n'), { verdict: 'Z', message: /NUL/ });
  throws(() => entries(`${'a'.repeat(801)}\n`), { verdict: 'Z', message: /800/ });
  deepStrictEqual(entries(`/${'a'.repeat(900)}`).length, 902);
});

test('entries become lines', () => {
  deepStrictEqual(lines('&a@b\0/c\0./d\0'), '&a@b\n/c\n./d\n');
  for (const text of ['&a', 'a\0', '\0', '|a\0', '&a\nb\0', `&${'a'.repeat(899)}\0`]) {
    throws(() => lines(text), { verdict: 'D', message: 'bad mailing list format' }, text.slice(0, 9));
  }
});
