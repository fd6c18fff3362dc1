import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ContentScan, createContentScanner, widestEncoding } from '../../src/mail/content-scan.ts';
import { bytesOf } from '../../src/system/index.ts';
import { inPieces } from '../support/pieces.ts';

function scanContent(pieces: Iterable<Uint8Array>): ContentScan {
  const scanner = createContentScanner();
  for (const piece of pieces) scanner.feed(piece);
  return scanner.scan;
}

function encodingOf(text: string): string {
  return scanContent([bytesOf(text)]).encoding;
}

test('lines of ASCII are 7bit, other bytes make it 8bit, NUL and long lines binary', () => {
  assert.equal(encodingOf(''), '7bit');
  assert.equal(encodingOf('a\r\nb\t\n'), '7bit');
  assert.equal(encodingOf('caf\xe9\n'), '8bit');
  assert.equal(encodingOf(`${'x'.repeat(998)}\n${'y'.repeat(998)}`), '7bit');
  assert.equal(encodingOf(`a\n${'x'.repeat(999)}`), 'binary');
  assert.equal(encodingOf('\xff\0'), 'binary');
});

test('the widest of several encodings', () => {
  assert.equal(widestEncoding([]), '7bit');
  assert.equal(widestEncoding(['7bit', '8bit', '7bit']), '8bit');
  assert.equal(widestEncoding(['binary', '8bit']), 'binary');
});

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

test('UTF-8 is what a decoder takes, wherever the pieces are cut', () => {
  // Leads, tails and their neighbours, so that many sequences are nearly right.
  const byte = fc.constantFrom(0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0);
  const lead = fc.constantFrom(0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(fc.oneof(byte, lead), { maxLength: 6 }).map((bytes) => Uint8Array.from(bytes)),
        fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
      ),
      fc.array(fc.nat(3)),
      (bytes, sizes) => {
        assert.equal(scanContent(inPieces(bytes, sizes)).utf8, isUtf8(bytes));
      },
    ),
    { numRuns: 1000 },
  );
});
