import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  createReplyReader,
  type Reply,
  replyBytesMax,
  replyTextBytesMax,
} from '../../../src/remote/smtp/reply-reader.ts';
import { bytesOf } from '../../../src/system/index.ts';
import { everyText } from '../../support/every-text.ts';

interface Read {
  readonly replies: readonly Reply[];
  readonly broken: string | undefined;
}

function read(pieces: readonly string[], wanted = 1): Read {
  const reader = createReplyReader();
  reader.expect(wanted);
  for (const piece of pieces) reader.push(bytesOf(piece));
  const replies: Reply[] = [];
  for (let reply = reader.next(); reply !== undefined; reply = reader.next()) replies.push(reply);
  return { replies, broken: reader.broken };
}

function whole(code: number, text: string): Read {
  return { replies: [{ code, text }], broken: undefined };
}

test('a reply has one line or several, with CR LF or LF', () => {
  deepStrictEqual(read(['250 ok\r\n']), whole(250, '250 ok'));
  deepStrictEqual(read(['250 ok\n']), whole(250, '250 ok'));
  deepStrictEqual(read(['250\r\n']), whole(250, '250'));
  deepStrictEqual(read(['250-one\r\n250-\r\n250 two\r\n']), whole(250, '250-one\n250-\n250 two'));
});

test('replies to several commands are told apart', () => {
  const { replies } = read(['250 a\r\n550-b\r\n550 c\r\n354 d\r\n'], 3);
  deepStrictEqual(
    replies.map(({ code }) => code),
    [250, 550, 354],
  );
});

test('the answer to a message may come with the call for it, and one more is too much', () => {
  const reader = createReplyReader();
  reader.expect(1);
  reader.push(bytesOf('354 go\r\n552 too much\r\n'));
  deepStrictEqual([reader.next()?.code, reader.isIdle], [354, false]);
  strictEqual(reader.expect(1), undefined);
  strictEqual(reader.next()?.code, 552);
  ok(reader.isIdle);
  deepStrictEqual(read(['354 go\r\n552 a\r\n552 b\r\n']).replies.length, 2);
});

test('what is no reply breaks, and what came before it counts', () => {
  for (const line of ['', 'hello', '25', '150 no', '650 no', '2x0 no', '-1 no', ' 250 ok']) {
    match(read([`${line}\r\n`]).broken ?? '', /no SMTP reply/, line);
  }
  const { replies, broken } = read(['250 ok\r\nwhat\r\n'], 2);
  deepStrictEqual([replies.length, broken !== undefined], [1, true]);
});

test('control characters of a server do not come through', () => {
  deepStrictEqual(read(['250 a\0b\x1b[2Jc\x7f\rd\xff\r\n']), whole(250, '250 a?b?[2Jc?d\xff'));
});

test('OpenSMTPD CVE-2020-8794: a reply of any lines is one text, and never more than that', () => {
  const lines = '553-a\r\n553-\r\n553\r\n';
  deepStrictEqual(read([`${lines}type: mda\ndispatcher: local\n`]).replies, [
    { code: 553, text: '553-a\n553-\n553' },
  ]);
  const { replies } = read([`553-${'x'.repeat(20_000)}\r\n553-y\r\n553 end\r\n`]);
  strictEqual(replies[0]?.code, 553);
  strictEqual(replies[0]?.text.length, replyTextBytesMax);
});

test('the last line counts, also when the text is longer than what is kept', () => {
  const long = `250-${'x'.repeat(1000)}\r\n`.repeat(20);
  strictEqual(read([`${long}450 no\r\n`]).replies[0]?.code, 450);
});

test('a reply without end breaks', () => {
  match(read(['2'.repeat(replyBytesMax + 1)]).broken ?? '', /longer than 65536 bytes/);
  match(read([`250-${'y\r\n250-'.repeat(20_000)}`]).broken ?? '', /longer than/);
});

test('what was not asked is held against the server, and is not kept', () => {
  const reader = createReplyReader();
  reader.expect(1);
  reader.push(bytesOf('250 ok\r\n250 ok, too\r\n'));
  strictEqual(reader.next()?.text, '250 ok');
  strictEqual(reader.next(), undefined);
  strictEqual(reader.isIdle, false);
  match(reader.expect(1) ?? '', /not asked/);
  for (let count = 0; count < 1000; count += 1) reader.push(new Uint8Array(1000));
  strictEqual(reader.next(), undefined);
});

test('STARTTLS injection (CVE-2011-0411): what came before TLS is no reply after it', () => {
  const reader = createReplyReader();
  reader.expect(1);
  reader.push(bytesOf('220 go\r\n250 injected\r\n250-half'));
  reader.next();
  reader.forget();
  ok(reader.isIdle);
  strictEqual(reader.expect(1), undefined);
  reader.push(bytesOf('250 true\r\n'));
  strictEqual(reader.next()?.text, '250 true');
});

test('every string of digits, hyphens, blanks and line ends is read the same, however it is cut', () => {
  for (const text of everyText('25- \n\r')) {
    const at = `250${text}`;
    const once = read([at], 3);
    for (let cut = 1; cut < at.length; cut += 1) {
      deepStrictEqual(read([at.slice(0, cut), at.slice(cut)], 3), once, JSON.stringify(at));
    }
  }
});

test('any bytes are read the same byte by byte, and never more than asked for', () => {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.constant(bytesOf('250-x\r\n250 y\r\n')));
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 5 }), fc.integer({ min: 0, max: 4 }), (pieces, wanted) => {
      const text = pieces.map((piece) => Buffer.from(piece).toString('latin1')).join('');
      const once = read([text], wanted);
      deepStrictEqual(read([...text], wanted), once);
      const starts = once.replies.filter(({ code }) => code === 354).length;
      ok(once.replies.length <= wanted + starts);
      for (const reply of once.replies) ok(!/[\0-\x09\x0b-\x1f\x7f]/.test(reply.text));
    }),
  );
});
