import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Envelope } from '../../src/mail/index.ts';
import { createFingerprint } from '../../src/queue/fingerprint.ts';
import { bytesOf } from '../../src/system/index.ts';
import { inPieces } from '../support/pieces.ts';

const envelope: Envelope = { sender: 's@x', recipients: ['a@x', 'b@x'] };

function keyOf(
  text: string,
  of: Envelope = envelope,
  messageId = '<1@x>',
  sizes: readonly number[] = [],
): string {
  const fingerprint = createFingerprint();
  for (const piece of inPieces(bytesOf(text), sizes)) fingerprint.update(piece);
  return Buffer.from(fingerprint.key(of, messageId)).toString('hex');
}

test('the same submission has the same key, however it is cut', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 5 });
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 60 }), sizes, (text, cuts) => {
      assert.equal(keyOf(text, envelope, '<1@x>', cuts), keyOf(text));
    }),
  );
});

test('whatever differs makes another key', () => {
  const keys = [
    keyOf('text'),
    keyOf('text '),
    keyOf('text', { ...envelope, sender: '' }),
    keyOf('text', { ...envelope, sender: 's@xa' }),
    keyOf('text', { ...envelope, recipients: ['a@x'] }),
    keyOf('text', { ...envelope, recipients: ['b@x', 'a@x'] }),
    keyOf('text', { ...envelope, recipients: ['a@xb@x'] }),
    keyOf('text', { ...envelope, recipients: ['a@x', 'b@x', ''] }),
    keyOf('text', envelope, '<2@x>'),
    // What the envelope adds to the digest cannot be a part of a message.
    keyOf('text\x004\x00s@x\x00a@x\x00b@x\x00', { sender: '', recipients: [] }),
  ];
  assert.equal(new Set(keys).size, keys.length);
});

test('a key begins with the Message-ID, of which a part will do', () => {
  assert.ok(keyOf('text').startsWith(Buffer.from('<1@x>').toString('hex')));
  const long = `<${'9'.repeat(400)}@x>`;
  assert.equal(keyOf('text', envelope, long).length, 2 * (24 + 20));
});
