import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatName, readName } from '../../src/resolver/name.ts';

const label = fc.string({
  unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789-_'),
  minLength: 1,
  maxLength: 20,
});
const name = fc.array(label, { minLength: 1, maxLength: 8 }).map((labels) => labels.join('.'));

test('a name comes back as it was written', () => {
  fc.assert(
    fc.property(name, fc.nat(20), (text, before) => {
      const bytes = formatName(text) ?? [];
      const message = Uint8Array.from([...Array<number>(before).fill(0xff), ...bytes, 7]);
      deepStrictEqual(readName(message, before), { name: text, end: before + bytes.length });
    }),
  );
});

test('the root is an empty name', () => {
  deepStrictEqual(formatName(''), [0]);
  deepStrictEqual(readName(Uint8Array.of(0), 0), { name: '', end: 1 });
});

test('names that are too long or have an empty label cannot be asked for', () => {
  ok(formatName('a'.repeat(63)));
  for (const bad of ['a'.repeat(64), 'a..b', '.a', 'a.', `${'a.'.repeat(126)}ab`])
    strictEqual(formatName(bad), undefined, bad);
});

test('pointers lead back, and case does not matter', () => {
  // At 0: "Example" and the root; at 9: "WWW" and a pointer to 0.
  const message = Uint8Array.from([7, ...Buffer.from('Example'), 0, 3, ...Buffer.from('WWW'), 0xc0, 0, 9]);
  deepStrictEqual(readName(message, 9), { name: 'www.example', end: 15 });
});

test('a dot within a label makes no other name', () => {
  deepStrictEqual(readName(Uint8Array.from([3, 0x61, 0x2e, 0x62, 0]), 0)?.name, 'a\\.b');
});

test('pointers to themselves, forward and in circles, and what is cut off, are no names', () => {
  const bad: readonly (readonly number[])[] = [
    [],
    [0xc0],
    [0xc0, 0],
    [0xc0, 2, 0],
    [1, 0x61, 0xc0, 0],
    [0x40, 0],
    [0x80, 0],
    [3, 0x61, 0x62],
    [1, 0x61],
  ];
  for (const bytes of bad) strictEqual(readName(Uint8Array.from(bytes), 0), undefined, String(bytes));
  strictEqual(readName(Uint8Array.from([0xc0, 2, 0xc0, 0]), 2), undefined);
});

test('whatever the bytes are, a name ends and stays short', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(600), (bytes, offset) => {
      const found = readName(bytes, offset);
      // Each octet of a label is at most two characters.
      ok(found === undefined || (found.name.length <= 253 && found.end <= bytes.length));
    }),
  );
});
