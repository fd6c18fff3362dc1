import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { formatQuery, recordType } from '../../src/resolver/question.ts';

test('a query is a header and one question', () => {
  const query = formatQuery({ id: 0x1234, name: 'hub.example', type: recordType.aaaa });
  const question = [3, ...Buffer.from('hub'), 7, ...Buffer.from('example'), 0, 0, 28, 0, 1];
  deepStrictEqual([...(query ?? [])], [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...question]);
});

test('what is no name is not asked for', () => {
  strictEqual(formatQuery({ id: 1, name: 'a..b', type: recordType.a }), undefined);
});
