import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packFields, unpackFields } from '../../src/process/index.ts';

const byteString = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'));

test('what is packed is unpacked, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.array(byteString), (fields) => {
      deepStrictEqual(unpackFields(packFields(fields)), fields);
    }),
  );
});

test('the bytes are lengths and values', () => {
  strictEqual(packFields(['ab', '', '\xff']).toString('hex'), '0000000261620000000000000001ff');
  strictEqual(packFields([]).length, 0);
  deepStrictEqual(unpackFields(Buffer.alloc(0)), []);
});

test('a payload that is cut off anywhere is no list of the same fields', () => {
  const packed = packFields(['first', 'second']);
  for (let length = 0; length < packed.length; length += 1) {
    const found = unpackFields(packed.subarray(0, length));
    deepStrictEqual(found, length === 0 ? [] : length === 9 ? ['first'] : undefined, String(length));
  }
});

test('garbage is refused without allocating what it asks for', () => {
  strictEqual(unpackFields(Buffer.from([0xff, 0xff, 0xff, 0xff, 1])), undefined);
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const found = unpackFields(Buffer.from(bytes));
      if (found !== undefined) deepStrictEqual([...packFields(found)], [...bytes]);
    }),
  );
});
