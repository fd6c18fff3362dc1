import { deepStrictEqual, match } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asciiJson } from '../../src/system/index.ts';

const byteString = fc.uint8Array({ maxLength: 50 }).map((bytes) => String.fromCharCode(...bytes));

test('any bytes pass as one line of ASCII', () => {
  fc.assert(
    fc.property(
      fc.record(
        { address: byteString, list: fc.array(byteString), number: fc.nat() },
        { noNullPrototype: true },
      ),
      (value) => {
        const line = asciiJson(value);
        match(line, /^[\x20-\x7e]*$/);
        deepStrictEqual(JSON.parse(line), value);
      },
    ),
  );
});
