import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readReceiptRequest } from '../../src/inject/index.ts';
import { bytesOf } from '../../src/system/index.ts';
import { inPieces } from '../support/pieces.ts';

const name = 'Notice-Requested-Upon-Delivery-To';

function ask(message: string, address: string, sizes: readonly number[] = []) {
  return readReceiptRequest(inPieces(bytesOf(message), sizes), address);
}

function isRequested(message: string, address: string): boolean {
  const request = ask(message, address);
  if (!request.ok) throw new Error(`it cannot be parsed: ${request.field}`);
  return request.isRequested;
}

test('the address is found among others, in whatever form the field has', () => {
  assert.equal(isRequested(`${name}: a@b, Some One <me@h.x>, (c) d@e\n\n`, 'me@h.x'), true);
  assert.equal(isRequested(`notice-requested-upon-delivery-to :\n me@h.x\n\n`, 'me@h.x'), true);
  assert.equal(isRequested(`${name}: a@b\n${name}: "m e"@h.x\n\n`, 'm e@h.x'), true);
  assert.equal(isRequested(`${name}: friends: me@h.x, you@h.x;\n\n`, 'me@h.x'), true);
});

test('another address, another case, another place is no request', () => {
  const message = `Subject: ${name}: me@h.x\n${name}: me@h.xx, ME@h.x, me\n\n${name}: me@h.x\n`;
  assert.equal(isRequested(message, 'me@h.x'), false);
  assert.equal(isRequested('', ''), false);
  assert.equal(isRequested('no header\n', 'me@h.x'), false);
});

test('the message is known by its Message-ID field', () => {
  const request = ask(
    `Message-ID: <1@x>\nMessage-Id: <2\n @x>\n${name}: me@h.x\n\nMessage-ID: <3@x>\n`,
    'me@h.x',
  );
  assert.deepEqual(request, { ok: true, isRequested: true, messageId: 'Message-Id: <2\n @x>\n' });
  assert.deepEqual(ask('Subject: x\n\n', 'a'), { ok: true, isRequested: false, messageId: undefined });
});

test('a request that cannot be parsed is shown, other fields may be as they want', () => {
  assert.deepEqual(ask(`To: "\n${name}: "me@h.x\n\n`, 'me@h.x'), { ok: false, field: `${name}: "me@h.x\n` });
  assert.equal(ask(`${name}: <me@h.x\n\n`, 'a').ok, true);
  assert.equal(ask(`${name}: me@h.x>\n\n`, 'a').ok, false);
});

test('a header without end is no request', () => {
  assert.equal(isRequested(`${name}: me@h.x\nX: ${'y'.repeat(3_000_000)}\n\n`, 'me@h.x'), false);
});

test('the pieces make no difference', () => {
  const message = `Message-ID: <1@x>\n${name}: a@b,\n me@h.x\n\nbody`;
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 })), (sizes) => {
      assert.deepEqual(ask(message, 'me@h.x', sizes), ask(message, 'me@h.x'));
    }),
  );
});
