import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { createCommandLines, tooLong } from '../../../src/serve/pop3/index.ts';
import { bytesOf, textOf } from '../../../src/system/index.ts';
import { everyText } from '../../support/every-text.ts';
import { allCuts } from '../../support/pieces.ts';

const long = '<too long>';

/** Lines, and what is left, of bytes that come in these pieces. */
function read(pieces: readonly Uint8Array[], most: number) {
  const lines = createCommandLines(most);
  const found: string[] = [];
  for (const piece of pieces) {
    lines.feed(piece);
    for (let line = lines.next(); line !== undefined; line = lines.next())
      found.push(line === tooLong ? long : line);
  }
  return { found, rest: textOf(lines.rest()) };
}

/** The same, read by another. */
function wanted(text: string, most: number): readonly string[] {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  const found = lines.map((line) => (line.length + 1 > most ? long : line.replace(/\r$/, '')));
  return last.length >= most ? [...found, long] : found;
}

test('all strings over a small alphabet give the same lines however they are cut', () => {
  for (const text of everyText('a\r\n')) {
    for (const pieces of allCuts(bytesOf(text)))
      deepStrictEqual(read(pieces, 4).found, wanted(text, 4), text);
  }
});

test('the limit counts the line end, and what is too long is passed over', () => {
  deepStrictEqual(read([bytesOf('abc\nabcd\nab\r\nabc\r\nx\nde')], 4), {
    found: ['abc', long, 'ab', long, 'x'],
    rest: 'de',
  });
  const lines = createCommandLines(4);
  for (let piece = 0; piece < 1000; piece += 1) {
    lines.feed(bytesOf('aaaa'));
    strictEqual(lines.next(), piece === 0 ? tooLong : undefined);
    strictEqual(lines.rest().length, 0);
  }
  lines.feed(bytesOf('a\nok\n'));
  strictEqual(lines.next(), 'ok');
});

test('what is fed may be used again', () => {
  const lines = createCommandLines(100);
  const bytes = bytesOf('STAT\r\n');
  lines.feed(bytes);
  bytes.fill(0);
  strictEqual(lines.next(), 'STAT');
});
