import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  createEnvelopeParser,
  type EnvelopeLimits,
  type EnvelopeState,
  formatEnvelope,
} from '../../src/mail/index.ts';
import { bytesOf, textOf } from '../../src/system/index.ts';
import { inPieces } from '../support/pieces.ts';

const limits = { addressBytesMax: 10, recipientsMax: 3 };

function parse(text: string, sizes: readonly number[] = [], within: EnvelopeLimits = limits): EnvelopeState {
  const parser = createEnvelopeParser(within);
  let state: EnvelopeState = parser.feed(new Uint8Array(0));
  for (const piece of inPieces(bytesOf(text), sizes)) state = parser.feed(piece);
  return state;
}

const complete = 'Fa@b\0Tc@d\0T\0Te@f\0\0';
const completeState: EnvelopeState = {
  state: 'complete',
  envelope: { sender: 'a@b', recipients: ['c@d', '', 'e@f'] },
};

test('split at every byte, and byte by byte, it is the same envelope', () => {
  assert.deepEqual(parse(complete), completeState);
  for (let at = 0; at <= complete.length; at += 1) {
    assert.deepEqual(parse(complete, [at, complete.length]), completeState);
  }
  assert.deepEqual(parse(complete, [1]), completeState);
});

test('cut at every byte, more is expected', () => {
  for (let end = 0; end < complete.length; end += 1) {
    assert.deepEqual(parse(complete.slice(0, end)), { state: 'more' });
  }
});

test('what follows the final NUL is not looked at', () => {
  assert.deepEqual(parse(`${complete}Tx@y\0\0`), completeState);
  const parser = createEnvelopeParser(limits);
  parser.feed(bytesOf(complete));
  assert.deepEqual(parser.feed(bytesOf('anything')), completeState);
});

test('no sender, no recipients', () => {
  assert.deepEqual(parse('F\0\0'), { state: 'complete', envelope: { sender: '', recipients: [] } });
});

test('a wrong tag is malformed, whatever follows', () => {
  for (const text of ['Ta@b\0\0', '\0', 'f\0\0', 'Fa@b\0Fc@d\0\0', 'Fa@b\0c@d\0\0', 'Fa@b\0\x54\0x\0']) {
    assert.deepEqual(parse(text, [1]), { state: 'malformed' });
  }
  const parser = createEnvelopeParser(limits);
  parser.feed(bytesOf('x'));
  assert.deepEqual(parser.feed(bytesOf(complete)), { state: 'malformed' });
});

test('an address may have as many bytes as the limit says, and no more', () => {
  const ten = '0123456789';
  for (const sizes of [[], [1], [3, 8, 1]]) {
    assert.equal(parse(`F${ten}\0T${ten}\0\0`, sizes).state, 'complete');
    assert.deepEqual(parse(`F${ten}x\0\0`, sizes), { state: 'address-too-long' });
    assert.deepEqual(parse(`F\0T${ten}x\0\0`, sizes), { state: 'address-too-long' });
  }
  assert.deepEqual(parse(`F${ten}x`), { state: 'address-too-long' }, 'its NUL is not waited for');
});

test('so many recipients, and no more', () => {
  assert.equal(parse('F\0Ta\0Tb\0Tc\0\0').state, 'complete');
  assert.deepEqual(parse('F\0Ta\0Tb\0Tc\0T'), { state: 'too-many-recipients' });
});

test('an address longer than its limit is not kept while it arrives', () => {
  const parser = createEnvelopeParser({ addressBytesMax: 1000, recipientsMax: 1 });
  assert.deepEqual(parser.feed(bytesOf('F')), { state: 'more' });
  assert.deepEqual(parser.feed(new Uint8Array(1000).fill(97)), { state: 'more' });
  assert.deepEqual(parser.feed(new Uint8Array(1).fill(97)), { state: 'address-too-long' });
});

test('what is written is read again, in pieces of any size', () => {
  const address = fc.string({
    unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: 40,
  });
  const envelope = fc.record(
    { sender: address, recipients: fc.array(address, { maxLength: 20 }) },
    { noNullPrototype: true },
  );
  const wide = { addressBytesMax: 40, recipientsMax: 20 };
  fc.assert(
    fc.property(envelope, fc.array(fc.nat(9)), (expected, sizes) => {
      const state = parse(textOf(formatEnvelope(expected)), sizes, wide);
      assert.deepEqual(state, { state: 'complete', envelope: expected });
    }),
  );
});

test('any bytes at all end in one of the states', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.array(fc.nat(5)), (bytes, sizes) => {
      assert.deepEqual(parse(textOf(bytes), sizes), parse(textOf(bytes)));
    }),
  );
});

test('an address with NUL cannot be written', () => {
  assert.throws(() => formatEnvelope({ sender: 'a\0b', recipients: [] }), /NUL/);
  assert.throws(() => formatEnvelope({ sender: '', recipients: ['a\0'] }), /NUL/);
});
