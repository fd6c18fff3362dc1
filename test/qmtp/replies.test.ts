import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { createQmtpReplies, qmtpReplyBytesMax } from '../../src/qmtp/index.ts';
import { bytesOf } from '../../src/system/index.ts';
import { everyText } from '../support/every-text.ts';
import { inPieces } from '../support/pieces.ts';

function read(input: string, count: number, sizes: readonly number[] = []) {
  const replies = createQmtpReplies(count);
  let state = replies.feed(new Uint8Array(0));
  for (const piece of inPieces(bytesOf(input), sizes)) state = replies.feed(piece);
  return { state: state.state, answers: replies.answers };
}

test('a reply for each recipient, wherever they are cut', () => {
  const input = '3:Kok,1:Z,5:Dno\n\0,';
  const answers = [
    { verdict: 'K', text: 'ok' },
    { verdict: 'Z', text: '' },
    { verdict: 'D', text: 'no\n\0' },
  ];
  for (let size = 1; size <= input.length; size += 1)
    deepStrictEqual(read(input, 3, [size]), { state: 'complete', answers });
  for (let cut = 0; cut < input.length; cut += 1) strictEqual(read(input.slice(0, cut), 3).state, 'more');
});

test('what is no reply is malformed, and what was said before it counts', () => {
  for (const input of ['x', '0:,', '01:K,', '1:X,', '1:K;', '3:Kok,1:', `${qmtpReplyBytesMax + 1}:`])
    strictEqual(read(input, 1).state, 'malformed', input);
  deepStrictEqual(read('1:K,x', 2), { state: 'malformed', answers: [{ verdict: 'K', text: '' }] });
});

test('of a long text the beginning is kept', () => {
  const { state, answers } = read(`${qmtpReplyBytesMax}:D${'x'.repeat(qmtpReplyBytesMax - 1)},`, 1, [700]);
  deepStrictEqual([state, answers[0]?.text.length], ['complete', 999]);
});

test('every text of few letters ends the same however it arrives', () => {
  for (const text of everyText('12:,K'))
    deepStrictEqual(read(text, 2, [1]), read(text, 2), JSON.stringify(text));
});
