import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { readMessageHeader } from '../../src/mail/message-header.ts';
import { messageBody } from '../support/message-body.ts';

const text = (body: { chunks(): Iterable<Uint8Array> }) =>
  Buffer.concat([...body.chunks()].map((piece) => Buffer.from(piece))).toString('latin1');

const message = 'A: 1\nB: 2\n 3\n\nbody\n.\nlast';

test('a header is taken out and put in again wherever the message is cut', () => {
  for (let size = 1; size <= message.length; size += 1) {
    const header = readMessageHeader(messageBody(message, [size]));
    deepStrictEqual(header?.fields, ['A: 1\n', 'B: 2\n 3\n']);
    strictEqual(text(header.withFields(header.fields)), message);
    const other = header.withFields(['C: 4\n']);
    for (let time = 0; time < 2; time += 1) strictEqual(text(other), 'C: 4\n\nbody\n.\nlast');
    strictEqual(other.sizeBytes, text(other).length);
  }
});

test('a header without a body, and a body without a header', () => {
  const only = readMessageHeader(messageBody('A: 1\n'));
  strictEqual(only && text(only.withFields(['B: 2\n'])), 'B: 2\n');
  const none = readMessageHeader(messageBody('\nbody', [1]));
  deepStrictEqual(none?.fields, []);
  strictEqual(none && text(none.withFields(['B: 2\n'])), 'B: 2\n\nbody');
});

test('a header over the limits is not looked into', () => {
  const limits = { headerBytesMax: 10, fieldBytesMax: 6 };
  deepStrictEqual(readMessageHeader(messageBody('A: 1\nB: 2\n\n'), limits)?.fields.length, 2);
  strictEqual(readMessageHeader(messageBody('A: 1\nB: 2\nC: 3\n\n'), limits), undefined);
  strictEqual(readMessageHeader(messageBody('A: 123456\n\n'), limits), undefined);
});
