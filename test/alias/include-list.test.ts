import { deepStrictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { includeEntries } from '../../src/alias/include-list.ts';
import { linesOf } from '../support/lines-of.ts';

const completion = { host: 'h.x', domain: 'd.x', plus: 'p.x' };
const entries = (text: string) => [...includeEntries(linesOf(text), completion)].join('');

test('addresses and further lists, each line from right to left', () => {
  deepStrictEqual(
    entries('a, b@c (d)\n# no\n<>,\n:include:/l, :include:m\nlast'),
    '&b@c.d.x\0&a@h.x\0./m\0/l\0&last@h.x\0',
  );
});

test('what a list may not hold', () => {
  const cases: readonly (readonly [text: string, message: RegExp])[] = [
    ['/file\n', /file delivery \/file not supported/],
    ['"|prog"\n', /program delivery \|prog not supported/],
    [':include:\n', /empty/],
    ['a@"b.c "\n', /spaces and tabs/],
    ['"a\0"@b.c\n', /NUL/],
    ['a@b.c\\\n', /newlines not permitted in recipient/],
    [':include:/a\\\n', /newlines not permitted in :include:/],
    [`${'a'.repeat(800)}@b.c\n`, /under 800/],
    ['(\n', /unable to parse/],
  ];
  for (const [text, message] of cases) throws(() => entries(text), { verdict: 'Z', message }, text);
});
