/** Where the header ends, whatever the pieces in which it arrives. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createHeaderReader, type HeaderState } from '../../src/mail/header-reader.ts';
import { bytesOf, textOf } from '../../src/system/index.ts';
import { inPieces } from '../support/pieces.ts';

const limits = { headerBytesMax: 200, fieldBytesMax: 100 };

/** Fields and body, or the limit that was passed. */
function read(message: string, sizes: readonly number[] = []) {
  const reader = createHeaderReader(limits);
  let state: HeaderState = { state: 'more' };
  let body = '';
  for (const piece of inPieces(bytesOf(message), sizes)) {
    if (state.state === 'more') state = reader.feed(piece);
    else body += textOf(piece);
  }
  if (state.state === 'more') state = reader.end();
  if (state.state === 'too-large') return state.limit;
  ok(state.state === 'complete');
  return { fields: state.fields, body: textOf(state.body) + body };
}

test('fields with their continuation lines, then the body', () => {
  deepStrictEqual(read('A: 1\nB: 2\n\t3\n 4\n\nbody\n\nmore'), {
    fields: ['A: 1\n', 'B: 2\n\t3\n 4\n'],
    body: '\nbody\n\nmore',
  });
});

test('no body, no header, nothing at all', () => {
  deepStrictEqual(read('A: 1\n'), { fields: ['A: 1\n'], body: '' });
  deepStrictEqual(read('A: 1'), { fields: ['A: 1\n'], body: '' });
  deepStrictEqual(read('\nbody'), { fields: [], body: '\nbody' });
  deepStrictEqual(read(''), { fields: [], body: '' });
});

test('a line that is no field begins the body, under an empty line', () => {
  deepStrictEqual(read('A: 1\nno field\nB: 2\n'), { fields: ['A: 1\n'], body: '\nno field\nB: 2\n' });
  deepStrictEqual(read(' A: 1\n'), { fields: [], body: '\n A: 1\n' });
  deepStrictEqual(read('no field'), { fields: [], body: '\nno field\n' });
  deepStrictEqual(read('A: 1\r\n\r\nbody'), { fields: ['A: 1\r\n'], body: '\n\r\nbody' });
});

test('a line of an mbox becomes a field', () => {
  deepStrictEqual(read('From joe\n Mon\nA: 1\n'), {
    fields: ['MBOX-Line: From joe\n Mon\n', 'A: 1\n'],
    body: '',
  });
});

test('a field over the limit is refused before it ends, also through its continuation lines', () => {
  strictEqual(read(`A: ${'x'.repeat(97)}\n`), 'fieldBytesMax');
  strictEqual(read(`A: ${'x'.repeat(200)}`, [1]), 'fieldBytesMax');
  strictEqual(read(`A: 1\n${' xxxxxxxxx\n'.repeat(10)}`), 'fieldBytesMax');
  strictEqual(read(`From ${'x'.repeat(200)}`, [1]), 'fieldBytesMax');
});

test('all fields together have a limit too', () => {
  strictEqual(read(`A: ${'x'.repeat(46)}\n`.repeat(5)), 'headerBytesMax');
  deepStrictEqual(read(`A: ${'x'.repeat(36)}\n`.repeat(5)), {
    fields: Array(5).fill(`A: ${'x'.repeat(36)}\n`),
    body: '',
  });
});

test('a line without a newline that is no field is a body of any length', () => {
  const line = 'x'.repeat(1000);
  for (const sizes of [[], [1], [150]]) deepStrictEqual(read(line, sizes), { fields: [], body: `\n${line}` });
});

test('the same header and body, whatever the pieces', () => {
  const message = fc
    .array(fc.constantFrom('A', ': ', '\n', ' ', '\t', 'From ', 'b', '\r', '\0', '\xff', '\n\n', 'To: x\n'), {
      maxLength: 40,
    })
    .map((parts) => parts.join(''));
  const sizes = fc.array(fc.nat(9), { minLength: 1, maxLength: 6 });
  fc.assert(fc.property(message, sizes, (text, pieces) => deepStrictEqual(read(text, pieces), read(text))));
});
