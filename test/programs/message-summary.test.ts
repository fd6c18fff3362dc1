import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { plain, summarise } from '../../src/programs/message-summary.ts';
import { bytesOf } from '../../src/system/index.ts';
import { inPieces } from '../support/pieces.ts';

function summary(message: string, sizes: readonly number[] = []) {
  return summarise(inPieces(bytesOf(message), sizes));
}

const message =
  'Return-Path: <s@x.y>\nDelivered-To: joe@h\nFROM : Some One\n <a@b>\nSubject:\n  two\n lines\n\nbody\nmore';

test('what is shown of a message', () => {
  assert.deepEqual(summary(message), {
    returnPath: '<s@x.y>',
    deliveredTo: 'joe@h',
    from: 'FROM : Some One\n <a@b>',
    text: 'two\n lines\n\nbody\nmore',
  });
});

test('of fields that come twice the last counts, but of subjects all', () => {
  const { deliveredTo, text } = summary('Delivered-To: a\nSubject: x\nDelivered-To: b\nSubject: y\n\n');
  assert.deepEqual([deliveredTo, text], ['b', 'x\ny\n\n']);
});

test('a message without fields, without a body, without anything', () => {
  const nothing = { returnPath: undefined, deliveredTo: undefined, from: undefined };
  assert.deepEqual(summary(''), { ...nothing, text: '' });
  assert.deepEqual(summary('no field here\n'), { ...nothing, text: '\nno field here\n' });
  assert.deepEqual(summary('Subject: x'), { ...nothing, text: 'x\n' });
});

test('of a long message only the beginning is read', () => {
  let pulled = 0;
  function* endless() {
    for (;;) {
      pulled += 1;
      yield bytesOf(`X: ${'y'.repeat(1000)}\n`);
    }
  }
  assert.equal(summarise(endless()).text, '');
  assert.ok(pulled < 100);
  assert.equal(summary(`Subject: ${'z'.repeat(200_000)}\n\n`).text.length < 70_000, true);
});

test('the pieces make no difference', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30 })), (sizes) => {
      assert.deepEqual(summary(message, sizes), summary(message));
    }),
  );
});

test('nothing but printable ASCII characters reaches a terminal', () => {
  assert.equal(plain('a\x1b[2J\n\xe9~\x7f', '?'), 'a?[2J??~?');
});
