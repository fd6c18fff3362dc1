import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createWireText } from '../../src/remote/index.ts';
import { bytesOf } from '../../src/system/index.ts';
import { everyText } from '../support/every-text.ts';

function wire(pieces: readonly string[], forData = true): string {
  const text = createWireText({ forData });
  return [...pieces.map((piece) => text.push(bytesOf(piece))), text.end()]
    .map((bytes) => Buffer.from(bytes).toString('latin1'))
    .join('');
}

/** What a server that follows RFC 5321 4.5.2 to the letter takes for the message, and what it has not read then. */
function received(sent: string): { readonly lines: readonly string[]; readonly rest: string } {
  const lines: string[] = [];
  let from = 0;
  for (;;) {
    const end = sent.indexOf('\r\n', from);
    if (end < 0) throw new Error('the message does not end');
    const line = sent.slice(from, end);
    from = end + 2;
    if (line === '.') return { lines, rest: sent.slice(from) };
    lines.push(line.startsWith('.') ? line.slice(1) : line);
  }
}

/** The lines of a message, whatever ends them. */
function linesOf(message: string): readonly string[] {
  const lines = message.replaceAll('\r\n', '\n').replaceAll('\r', '\n').split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

test('lines end with CR LF, dots are stuffed, and a partial last line is completed', () => {
  strictEqual(
    wire(['Subject: r\n\n.dot\n..two\nbody\n']),
    'Subject: r\r\n\r\n..dot\r\n...two\r\nbody\r\n.\r\n',
  );
  strictEqual(wire(['A: b\n\nno newline']), 'A: b\r\n\r\nno newline\r\n.\r\n');
  strictEqual(wire(['']), '.\r\n');
  strictEqual(wire(['.']), '..\r\n.\r\n');
});

test('what is signed has the same lines without the dots of DATA', () => {
  strictEqual(wire(['.a\r\nb\rc'], false), '.a\r\nb\r\nc\r\n');
});

test('CR CR LF on output: a message with CR LF leaves as it is', () => {
  const sent = wire(['A: b\r\n\r\nx\ry\r\n']);
  strictEqual(sent, 'A: b\r\n\r\nx\r\ny\r\n.\r\n');
  ok(!sent.includes('\r\r'));
});

test('CVE-2023-51764, 51765, 51766, 52354: no line end but CR LF leaves, and no message ends another', () => {
  for (const end of [
    '\n.\n',
    '\n.\r\n',
    '\r\n.\n',
    '\r\n.\r',
    '\r.\r',
    '\r\n.\r\n',
    '\r.\n',
    '\0.\r\n',
    '\n.\r\r\n',
  ]) {
    const sent = wire([`A: b\n\nbefore${end}MAIL FROM:<x@y>\r\nafter\n`]);
    strictEqual(sent.indexOf('\r\n.\r\n'), sent.length - 5, JSON.stringify(end));
    strictEqual(sent.replaceAll('\r\n', '').includes('\n'), false);
    strictEqual(sent.replaceAll('\r\n', '').includes('\r'), false);
  }
});

test('every message of CR, LF, dot and a letter arrives with its lines, and ends once, however it is cut', () => {
  for (const message of everyText('\r\n.a')) {
    const sent = wire([message]);
    deepStrictEqual(received(sent), { lines: linesOf(message), rest: '' }, JSON.stringify(message));
    match(sent, /^(?:[^\r\n]|\r\n)*$/);
    for (let cut = 1; cut < message.length; cut += 1) {
      if (wire([message.slice(0, cut), message.slice(cut)]) !== sent) {
        throw new Error(`cut at ${cut}, ${JSON.stringify(message)} is another`);
      }
    }
    strictEqual(wire([...message]), sent);
  }
});

test('any bytes arrive', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), (pieces) => {
      const texts = pieces.map((piece) => Buffer.from(piece).toString('latin1'));
      deepStrictEqual(received(wire(texts)), { lines: linesOf(texts.join('')), rest: '' });
    }),
  );
});
