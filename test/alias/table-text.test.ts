import { strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { recordText } from '../../src/alias/table-text.ts';

test('records as text', () => {
  strictEqual(recordText('?a@b', 'c d@e'), 'a@b: ?c\\ d@e;\n');
  strictEqual(recordText(':a@b', '&c@d\0|e;f\0'), 'a@b:\n, &c@d\n, |e\\;f\n;\n');
  strictEqual(recordText(':@', ''), '@:\n;\n');
  strictEqual(recordText(':\xe9\x7f', '/\xff\0'), '\\\xe9\x7f:\n, /\\\xff\n;\n');
});

test('records that are none', () => {
  const cases = [
    ['', ''],
    ['x', ''],
    [':a', 'b\0'],
    [':a', '\0'],
    [':a', '&b'],
    [':a', `&${'b'.repeat(899)}\0`],
  ] as const;
  for (const [key, data] of cases) throws(() => recordText(key, data), { verdict: 'D' });
});
