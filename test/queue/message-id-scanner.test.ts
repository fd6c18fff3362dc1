import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMessageIdScanner } from '../../src/queue/message-id-scanner.ts';
import { bytesOf } from '../../src/system/index.ts';
import { inPieces } from '../support/pieces.ts';

function scan(text: string, sizes: readonly number[] = []): string {
  const scanner = createMessageIdScanner();
  for (const piece of inPieces(bytesOf(text), sizes)) scanner.feed(piece);
  return scanner.found;
}

const cases: readonly (readonly [what: string, header: string, found: string])[] = [
  ['a field', 'From: x\nMessage-ID: <1@x>\nTo: y\n\nbody\n', '<1@x>'],
  ['any case, and CRLF', 'from: x\r\nMESSAGE-id:<1@x> \t\r\n\r\n', '<1@x>'],
  ['the first of two', 'Message-ID: <1@x>\nMessage-ID: <2@x>\n\n', '<1@x>'],
  ['a folded field', 'Message-ID:\n <1@x>\n\n', '<1@x>'],
  ['a field that is folded twice', 'Message-ID: \n \n\t<1@x>\n\n', '<1@x>'],
  ['an empty field', 'Message-ID:\nTo: y\n\n', ''],
  ['an empty field and another', 'Message-ID:\nTo: y\nMessage-ID: <2@x>\n\n', '<2@x>'],
  ['none', 'From: x\nX-Message-ID: <1@x>\n\n', ''],
  ['one in the body', 'From: x\n\nMessage-ID: <1@x>\n', ''],
  ['one after a line end at the start', '\nMessage-ID: <1@x>\n', ''],
  ['one that looks folded', 'X:\n Message-ID: <1@x>\n\n', ''],
  ['a resent message without one', 'Resent-Message-ID: <2@x>\nFrom: x\n\n', '<2@x>'],
  ['a resent message with one', 'Resent-Message-ID: <2@x>\nMessage-ID: <1@x>\n\n', '<1@x>'],
  ['the first of two resent', 'Resent-Message-ID: <3@x>\nResent-Message-ID: <2@x>\n\n', '<3@x>'],
  ['a folded resent one', 'Resent-Message-ID:\n\t<2@x>\nTo: y\n z\n\n', '<2@x>'],
];

for (const [what, header, found] of cases) {
  test(`${what}, however it is cut`, () => {
    assert.equal(scan(header), found);
    for (const size of [1, 2, 3, 7, 13]) assert.equal(scan(header, [size]), found);
    for (let at = 1; at < header.length; at += 1) assert.equal(scan(header, [at, header.length]), found);
  });
}

test('a long content is taken as far as it reaches, and long lines before it do not matter', () => {
  const long = `<${'1'.repeat(1000)}@x>`;
  assert.equal(scan(`X: ${'x'.repeat(100_000)}\nMessage-ID: ${long}\n\n`, [4096]), long.slice(0, 250));
});

test('no header makes it fail', () => {
  const part = fc.constantFrom('Message-ID:', 'Resent-', ' ', '\n', '\r\n', '<1@x>', 'x', ':');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), fc.integer({ min: 1, max: 9 }), (parts, size) => {
      assert.equal(scan(parts.join(''), [size]), scan(parts.join('')));
    }),
  );
});
