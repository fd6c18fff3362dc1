import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addDigit,
  createNetstringParser,
  formatNetstring,
  framingBytes,
  lengthEmpty,
  lengthMalformed,
  lengthTooLong,
} from '../../qmqp/netstring.ts';
import { bytesOf, textOf } from '../../src/system/index.ts';
import { inPieces } from '../support/pieces.ts';

/** The state and the body that a text leads to, fed in pieces of these sizes. */
function parse(text: string, max: number, sizes: readonly number[] = []): readonly string[] {
  const parser = createNetstringParser(max);
  let state = parser.feed(new Uint8Array(0));
  for (const piece of inPieces(bytesOf(text), sizes)) state = parser.feed(piece);
  return state.state === 'complete' ? ['complete', textOf(state.body)] : [state.state];
}

/** The same, said in another way: what the longest readable beginning of the text allows. */
function expected(text: string, max: number): readonly string[] {
  const [digits = ''] = /^(?:0|[1-9][0-9]*)?/.exec(text) ?? [];
  for (let end = 1; end <= digits.length; end += 1) {
    if (Number(digits.slice(0, end)) > max) return ['too-long'];
  }
  if (digits.length === text.length) return ['more'];
  if (digits === '' || text[digits.length] !== ':') return ['malformed'];
  const rest = text.slice(digits.length + 1);
  const size = Number(digits);
  if (rest.length <= size) return ['more'];
  return rest[size] === ',' ? ['complete', rest.slice(0, size)] : ['malformed'];
}

test('every text of up to 7 letters over 0 1 2 : , a', () => {
  const letters = ['0', '1', '2', ':', ',', 'a'];
  const walk = (text: string) => {
    deepStrictEqual(parse(text, 11), expected(text, 11), text);
    // What is malformed stays malformed: longer texts teach nothing.
    if (text.length < 7 && expected(text, 11)[0] === 'more')
      for (const letter of letters) walk(text + letter);
  };
  walk('');
});

test('any bytes come back, however the netstring is cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(20)), (body, sizes) => {
      const text = formatNetstring(textOf(body));
      strictEqual(text.length, body.length + framingBytes(body.length));
      deepStrictEqual(parse(text, 300, sizes), ['complete', textOf(body)]);
    }),
  );
});

test('any text leads to the same state, however it is cut', () => {
  const text = fc.string({ unit: fc.constantFrom('0', '1', '9', ':', ',', 'x'), maxLength: 30 });
  fc.assert(
    fc.property(text, fc.array(fc.nat(4)), (input, sizes) => {
      deepStrictEqual(parse(input, 15, sizes), expected(input, 15));
    }),
  );
});

test('a length over the limit is refused before its colon', () => {
  deepStrictEqual(parse('100', 99), ['too-long']);
  deepStrictEqual(parse('99', 99), ['more']);
  deepStrictEqual(parse(`${'9'.repeat(400)}`, 99), ['too-long']);
});

test('qmqpd length parser took non-digits: only digits are a length, and a zero leads none but stands alone', () => {
  for (let code = 0; code < 256; code += 1) {
    const character = String.fromCharCode(code);
    const isDigit = character >= '0' && character <= '9';
    strictEqual(parse(`1${character}`, 99)[0] !== 'malformed', isDigit || character === ':', character);
    strictEqual(parse(character, 99)[0] !== 'malformed', isDigit, character);
  }
  deepStrictEqual(parse('0:,', 9), ['complete', '']);
  deepStrictEqual(parse('00:,', 9), ['malformed']);
  deepStrictEqual(parse('03:abc,', 9), ['malformed']);
});

test('what follows the comma is ignored', () => {
  deepStrictEqual(parse('2:ab,x', 9), ['complete', 'ab']);
});

test('the length grows digit by digit', () => {
  strictEqual(addDigit(lengthEmpty, 48, 100), 0);
  strictEqual(addDigit(12, 51, 200), 123);
  strictEqual(addDigit(12, 51, 122), lengthTooLong);
  strictEqual(addDigit(0, 49, 100), lengthMalformed);
  for (const byte of [47, 58, 0, 255]) strictEqual(addDigit(1, byte, 1000), lengthMalformed);
});
