import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { byteStringOf, bytesOf, concatBytes, lowerAscii, printable, textOf } from '../../src/system/index.ts';

test('every byte passes both ways', () => {
  const all = Uint8Array.from({ length: 256 }, (_, index) => index);
  assert.deepEqual(bytesOf(textOf(all)), all);
  fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.deepEqual(bytesOf(textOf(bytes)), bytes)));
});

test('a long array becomes text in one go, from and to where it is asked', () => {
  const bytes = new Uint8Array(100_003).fill(120);
  bytes[100_002] = 122;
  const text = textOf(bytes);
  assert.equal(text.length, bytes.length);
  assert.equal(text.slice(-2), 'xz');
  assert.equal(textOf(bytesOf('abcdef'), 2), 'cdef');
  assert.equal(textOf(bytesOf('abcdef'), 2, 4), 'cd');
  assert.equal(textOf(bytesOf('abcdef'), 3, 3), '');
});

test('text that is no byte string is a mistake', () => {
  assert.throws(() => bytesOf('ab\u0100'), /code unit 256 at 2/);
});

test('text of any kind becomes its UTF-8 bytes', () => {
  assert.equal(byteStringOf('plain'), 'plain');
  assert.equal(byteStringOf('é€𝄞'), '\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e');
  const encode = (text: string) => textOf(new TextEncoder().encode(text));
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => assert.equal(byteStringOf(text), encode(text))),
  );
});

test('arrays are put together in order', () => {
  assert.deepEqual(concatBytes([]), new Uint8Array(0));
  assert.equal(textOf(concatBytes(['a', '', 'bc'].map(bytesOf))), 'abc');
});

test('lower case is ASCII’s alone', () => {
  assert.equal(lowerAscii('@AZ[az\xc0\xd6\xff'), '@az[az\xc0\xd6\xff');
});

test('printable text cannot forge a line, or flood it', () => {
  assert.equal(printable('a b~'), 'a b~');
  assert.equal(printable('\0\n\x1b\x7f\xff'), '\\x00\\x0a\\x1b\\x7f\\xff');
  assert.equal(printable('abcdef', 3), 'abc...');
  assert.equal(printable('abc', 3), 'abc');
});
