import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { cdbBytes, cdbHash, firstSlot, tableOf } from '../../src/cdb/format.ts';
import { bytesOf } from '../../src/system/index.ts';

test('hashes as the original makes them', () => {
  // Slots of files that the C programs wrote.
  strictEqual(cdbHash(new Uint8Array()), 5381);
  strictEqual(cdbHash(bytesOf('!joe\0')), 0x05e43c84);
  strictEqual(cdbHash(bytesOf('!joe-')), 0x05e43ca9);
  strictEqual(cdbHash(bytesOf('!')), 0x0002b584);
  strictEqual(cdbHash(bytesOf('!upper\0')), 0x1ba6bec6);
});

test('a hash stays within 32 bits, with no sign', () => {
  const hash = cdbHash(new Uint8Array(1000).fill(0xff));
  strictEqual(hash, hash >>> 0);
});

test('a table and a first slot', () => {
  strictEqual(tableOf(0x1ba6bec6), 0xc6);
  strictEqual(firstSlot(0x1ba6bec6, 2), 0x1ba6be % 2);
  strictEqual(firstSlot(0xffffffff, 1000), 0xffffff % 1000);
});

test('byte strings and bytes are the same', () => {
  deepStrictEqual(cdbBytes('a\xff\0'), Uint8Array.of(97, 255, 0));
  throws(() => cdbBytes('\u0100'), RangeError);
});
