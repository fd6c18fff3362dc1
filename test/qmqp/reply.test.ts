import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createReplyParser, formatReply, type ReplyState, replyBytesMax } from '../../qmqp/index.ts';
import { bytesOf, textOf } from '../../src/system/index.ts';
import { inPieces } from '../support/pieces.ts';

function parse(text: string, sizes: readonly number[] = []): ReplyState {
  const parser = createReplyParser();
  let state = parser.feed(new Uint8Array(0));
  for (const piece of inPieces(bytesOf(text), sizes)) state = parser.feed(piece);
  return state;
}

test('a reply is a netstring that begins with its verdict', () => {
  strictEqual(textOf(formatReply({ verdict: 'K', text: 'ok 1 qp 2' })), '10:Kok 1 qp 2,');
  deepStrictEqual(parse('10:Kok 1 qp 2,'), {
    state: 'complete',
    answer: { verdict: 'K', text: 'ok 1 qp 2' },
  });
  deepStrictEqual(parse('1:Z,'), { state: 'complete', answer: { verdict: 'Z', text: '' } });
});

test('a letter further on is no verdict', () => {
  deepStrictEqual(parse('8:Kall Zen,'), { state: 'complete', answer: { verdict: 'K', text: 'all Zen' } });
  deepStrictEqual(parse('3:okK,'), { state: 'malformed' });
});

test('nothing but a complete netstring counts', () => {
  for (const text of ['', '3', '3:', '3:Kok']) strictEqual(parse(text).state, 'more', text);
  for (const text of ['K', 'Kok', '0:,', '3:Kok;', '03:Kok,', ' 3:Kok,', '2:ok,']) {
    strictEqual(parse(text).state, 'malformed', text);
  }
});

test('a reply over the limit is refused at its length', () => {
  strictEqual(parse(String(replyBytesMax + 1)).state, 'too-long');
  strictEqual(parse(String(replyBytesMax)).state, 'more');
});

test('what is sent is read, however it is cut', () => {
  const text = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 1000 });
  fc.assert(
    fc.property(fc.constantFrom('K', 'Z', 'D'), text, fc.array(fc.nat(9)), (verdict, words, sizes) => {
      const bytes = textOf(formatReply({ verdict, text: words }));
      deepStrictEqual(parse(bytes, sizes), { state: 'complete', answer: { verdict, text: words } });
    }),
  );
});

test('a text of ours that is too long is cut', () => {
  strictEqual(textOf(formatReply({ verdict: 'D', text: 'x'.repeat(5000) })), `1001:D${'x'.repeat(1000)},`);
});
