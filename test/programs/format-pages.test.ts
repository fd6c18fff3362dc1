/** Pages of formats: section 5, each name once. */
import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { formatPages } from '../../src/programs/format-pages.ts';

test('each is in section 5 and has a name of its own', () => {
  deepStrictEqual(
    formatPages.filter(({ section }) => section !== 5),
    [],
  );
  deepStrictEqual(new Set(formatPages.map(({ name }) => name)).size, formatPages.length);
});
