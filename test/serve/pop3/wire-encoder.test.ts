import { ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createOctetCount } from '../../../src/mail/index.ts';
import { createWireEncoder } from '../../../src/serve/pop3/wire-encoder.ts';
import { bytesOf, textOf } from '../../../src/system/index.ts';
import { everyText } from '../../support/every-text.ts';
import { allCuts } from '../../support/pieces.ts';

function encode(pieces: readonly Uint8Array[], bodyLines?: number): string {
  const encoder = createWireEncoder(bodyLines);
  let text = '';
  for (const piece of pieces) {
    text += textOf(encoder.feed(piece));
    if (encoder.full) break;
  }
  return text + textOf(encoder.end());
}

/** Lines as they are on the wire, without what dots get; read by another. */
function wireLines(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => line.replace(/\r$/, ''));
}

function wanted(text: string, bodyLines = Number.POSITIVE_INFINITY): string {
  const lines = wireLines(text);
  const blank = lines.indexOf('');
  const shown = blank < 0 ? lines : lines.slice(0, blank + 1 + bodyLines);
  return `${shown.map((line) => `${line.startsWith('.') ? '.' : ''}${line}\r\n`).join('')}.\r\n`;
}

test('all strings over a small alphabet, cut at each place', () => {
  for (const text of everyText('.\r\na')) {
    const all = wanted(text);
    const none = wanted(text, 0);
    const one = wanted(text, 1);
    for (const pieces of allCuts(bytesOf(text))) {
      if (encode(pieces) !== all) strictEqual(encode(pieces), all, JSON.stringify(text));
      if (encode(pieces, 0) !== none) strictEqual(encode(pieces, 0), none, JSON.stringify(text));
      if (encode(pieces, 1) !== one) strictEqual(encode(pieces, 1), one, JSON.stringify(text));
    }
  }
});

test('the octets that are counted are those that a client gets', () => {
  for (const text of everyText('.\r\na')) {
    const octets = wireLines(text).reduce((sum, line) => sum + line.length + 2, 0);
    for (const pieces of allCuts(bytesOf(text))) {
      const count = createOctetCount();
      for (const piece of pieces) count.feed(piece);
      if (count.total() !== octets) strictEqual(count.total(), octets, JSON.stringify(text));
    }
  }
});

test('CR CR LF on output: a line that ends with CR LF gets no second CR', () => {
  strictEqual(encode([bytesOf('Subject: x\r\n\r\nbody\r\n')]), 'Subject: x\r\n\r\nbody\r\n.\r\n');
  strictEqual(encode([bytesOf('a\r'), bytesOf('\nb\r')]), 'a\r\nb\r\n.\r\n');
});

test('bytes of all kinds, in pieces of any size', () => {
  const bytes = fc.uint8Array({ maxLength: 400 });
  fc.assert(
    fc.property(
      fc.array(bytes, { maxLength: 6 }),
      fc.option(fc.nat(5), { nil: undefined }),
      (pieces, lines) => {
        const text = pieces.map((piece) => textOf(piece)).join('');
        strictEqual(encode(pieces, lines), wanted(text, lines));
      },
    ),
  );
});

test('the header is as long as it is, and lines that are wanted no more are not looked at', () => {
  const encoder = createWireEncoder(1);
  ok(!encoder.full);
  strictEqual(textOf(encoder.feed(bytesOf('A: b\n\none\ntwo\nthree'))), 'A: b\r\n\r\none\r\n');
  ok(encoder.full);
  strictEqual(textOf(encoder.feed(bytesOf('four\n'))), '');
});
