import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createHopCounter } from '../../../src/serve/smtp/hop-counter.ts';
import { bytesOf } from '../../../src/system/index.ts';
import { everyText } from '../../support/every-text.ts';
import { inPieces } from '../../support/pieces.ts';

function count(message: string, sizes: readonly number[] = []): number {
  const counter = createHopCounter();
  for (const piece of inPieces(bytesOf(message), sizes)) counter.feed(piece);
  return counter.hops;
}

function expected(message: string): number {
  const [header = ''] = message.startsWith('\n') ? [''] : message.split('\n\n');
  return header.split('\n').filter((line) => /^(received|delivered)/i.test(line)).length;
}

test('fields of the header in any case, and what only looks like them', () => {
  strictEqual(count('Received: x\nDELIVERED-To: y\nreceived by z\n\nReceived: x\n'), 3);
  strictEqual(count(' Received: x\nX-Received: x\nReceive: x\nDeliver: x\nRec'), 0);
  strictEqual(count('\nReceived: x\n'), 0);
  strictEqual(count('Received'), 1);
});

test('any message has the same number, however it is cut', () => {
  const unit = fc.constantFrom(
    'Received',
    'delivered',
    'RECEIVEd: x',
    'Rece',
    'a',
    ' ',
    '\n',
    '\n\n',
    '\xd2',
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 20 }), fc.array(fc.nat(7)), (message, sizes) => {
      strictEqual(count(message, sizes), expected(message));
    }),
  );
});

test('every text of a few letters before a name', () => {
  for (const text of everyText('\nRd'))
    strictEqual(count(`${text}Received`), expected(`${text}Received`), JSON.stringify(text));
});
