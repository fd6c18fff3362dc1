import { strictEqual } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRelaxedBody } from '../../src/authenticate/relaxed-body.ts';
import { bytesOf, textOf } from '../../src/system/index.ts';
import { everyText } from '../support/every-text.ts';
import { inPieces } from '../support/pieces.ts';

function relaxed(text: string, sizes: readonly number[] = []): string {
  let result = '';
  const body = createRelaxedBody((bytes) => {
    result += textOf(bytes);
  });
  for (const piece of inPieces(bytesOf(text), sizes)) body.push(piece);
  body.end();
  return result;
}

/** The form by the words of RFC 6376 3.4.4, with all of the body at hand. */
function byTheBook(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => line.replaceAll(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (lines.at(-1) === '') lines.pop();
  return lines.map((line) => `${line}\r\n`).join('');
}

test('blanks and empty lines', () => {
  strictEqual(relaxed(' C \r\nD \t E\r\n\r\n\r\n'), ' C\r\nD E\r\n');
  strictEqual(relaxed(''), '');
  strictEqual(relaxed('\r\n \r\n'), '');
  strictEqual(relaxed('no end'), 'no end\r\n');
  strictEqual(relaxed('a\rb \r \r'), 'a\rb \r \r\r\n');
});

test('every body of few bytes has the form of the book', () => {
  for (const text of everyText('a \t\r\n')) strictEqual(relaxed(text), byTheBook(text), JSON.stringify(text));
});

test('the form is the same however the body arrives', () => {
  const text = fc.array(fc.constantFrom('a', ' ', '\t', '\r', '\n', '\r\n', '\0', '\xff'), { maxLength: 60 });
  fc.assert(
    fc.property(text, fc.array(fc.nat(9), { maxLength: 9 }), (parts, sizes) => {
      strictEqual(relaxed(parts.join(''), sizes), byTheBook(parts.join('')));
    }),
  );
});

test('a line without end needs no memory for it', () => {
  const piece = new Uint8Array(65_536).fill(97);
  const digest = createHash('sha256');
  let largest = 0;
  const body = createRelaxedBody((bytes) => {
    largest = Math.max(largest, bytes.length);
    digest.update(bytes);
  });
  for (let count = 0; count < 64; count += 1) body.push(piece);
  body.end();
  strictEqual(largest, 16_384 - 4 + 1);
});
