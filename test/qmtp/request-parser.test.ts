import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatNetstring as netstring } from '../../qmqp/index.ts';
import { createQmtpParser, type QmtpLimits } from '../../src/qmtp/index.ts';
import { bytesOf, textOf } from '../../src/system/index.ts';
import { everyText } from '../support/every-text.ts';
import { inPieces } from '../support/pieces.ts';

const limits: QmtpLimits = {
  messageBytesMax: 1000,
  addressBytesMax: 20,
  recipientsMax: 5,
  recipientBytesMax: 100,
};

/** What came of the input: each event, messages put together, and how it ended. */
function parse(input: string, sizes: readonly number[] = [], own: Partial<QmtpLimits> = {}) {
  const events: string[] = [];
  let message: string | undefined;
  const endMessage = () => {
    if (message !== undefined) events.push(`message ${JSON.stringify(message)}`);
    message = undefined;
  };
  const parser = createQmtpParser(
    { ...limits, ...own },
    {
      begin(wireBytes) {
        events.push(`begin ${wireBytes}`);
        message = '';
      },
      message(bytes) {
        ok(bytes.length > 0);
        message += textOf(bytes);
      },
      sender(address) {
        endMessage();
        events.push(`sender ${address}`);
      },
      recipient: (address) => events.push(`recipient ${address}`),
    },
  );
  for (const piece of inPieces(bytesOf(input), sizes)) {
    for (let from = 0; from < piece.length; ) {
      const state = parser.feed(piece, from);
      if (state.state === 'failed') {
        endMessage();
        return [...events, state.problem];
      }
      if (state.state === 'more') break;
      events.push('complete');
      from = state.end;
    }
  }
  endMessage();
  return [...events, parser.between ? 'between' : 'within'];
}

const request = (message: string, sender: string, ...recipients: readonly string[]) =>
  netstring(message) + netstring(sender) + netstring(recipients.map(netstring).join(''));

test('requests, one after the other, wherever they are cut', () => {
  const requests = [
    request('\na\n\nb', 's@x', 'r@y', ''),
    request('\r\r\n\rb\r', ''),
    request('\n', 's', 'r'),
  ];
  const input = requests.join('');
  const ends = requests.map((_, index) => requests.slice(0, index).join('').length);
  const events = [
    ...['begin 5', 'message "a\\n\\nb"', 'sender s@x', 'recipient r@y', 'recipient ', 'complete'],
    ...['begin 6', 'message "\\n\\rb\\r"', 'sender ', 'complete'],
    ...['begin 1', 'message ""', 'sender s', 'recipient r', 'complete', 'between'],
  ];
  for (let size = 1; size <= input.length; size += 1) deepStrictEqual(parse(input, [size]), events);
  for (let cut = 0; cut < input.length; cut += 1)
    strictEqual(parse(input.slice(0, cut)).at(-1) === 'between', ends.includes(cut), input.slice(0, cut));
});

test('what is no request is seen at its first wrong byte', () => {
  for (const input of [
    ...['x', ':', '-', '01', '0:', '1:x', '1:\n;', '1:\n,x', '1:\n,1:s;', '1:\n,0:,x', '1:\n,0:,1:x'],
    ...['1:\n,0:,1:,', '1:\n,0:,2:0', '1:\n,0:,3:1', '1:\n,0:,3:0:x', '1:\n,0:,3:0:,;', '1:\n,0:,4:1:rx'],
  ]) {
    strictEqual(parse(input).at(-1), 'malformed', input);
    ok(parse(input.slice(0, -1)).at(-1) !== 'malformed', input);
  }
});

test('CVE-2005-1514: lengths are limited before what they announce is read', () => {
  strictEqual(parse('1002').at(-1), 'too-large');
  strictEqual(parse(`1:\n,${'9'.repeat(400)}`).at(-1), 'too-large');
  strictEqual(parse('1:\n,0:,101').at(-1), 'too-large');
  strictEqual(parse(request('\n', 's', ...Array<string>(6).fill('r'))).at(-1), 'too-large');
  strictEqual(parse(request('\n', 's', ...Array<string>(5).fill('r'))).at(-1), 'between');
});

test('an address that can be none is told apart, and those behind it are read', () => {
  deepStrictEqual(parse(request('\n', 'x'.repeat(21), 'a\0', 'x'.repeat(20), 'x'.repeat(21), 'r'), [3]), [
    ...['begin 1', 'message ""', 'sender undefined', 'recipient undefined'],
    ...[`recipient ${'x'.repeat(20)}`, 'recipient undefined', 'recipient r', 'complete', 'between'],
  ]);
});

test('every text of few letters ends the same however it arrives', () => {
  for (const text of everyText('13:,\n'))
    deepStrictEqual(parse(text, [1]), parse(text), JSON.stringify(text));
});

test('requests of any form are read the same however they arrive', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\r', '\n', '\0', '@', ','), maxLength: 25 });
  const one = fc
    .tuple(fc.constantFrom('\n', '\r', 'x', ''), text, text, fc.array(text, { maxLength: 6 }))
    .map(([mark, message, sender, recipients]) => request(mark + message, sender, ...recipients));
  const damaged = fc
    .tuple(fc.array(one, { maxLength: 3 }), fc.nat(200), fc.constantFrom('', '9', ',', ':'))
    .map(([all, at, letter]) => {
      const whole = all.join('');
      return letter === '' ? whole : whole.slice(0, at) + letter + whole.slice(at + 1);
    });
  fc.assert(
    fc.property(damaged, fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 9 }), (input, sizes) => {
      deepStrictEqual(parse(input, sizes), parse(input));
    }),
  );
});
