import { strictEqual, throws } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { calmMutexes } from '../../build/calm-mutexes.ts';

test('one variable of Node changes, from abort to ignore', () => {
  const before = readFileSync(process.execPath);
  const after = Buffer.from(before);
  calmMutexes(after);
  const first = after.findIndex((byte, index) => byte !== before[index]);
  strictEqual(before.readInt32LE(first), 2);
  strictEqual(after.readInt32LE(first), 0);
  strictEqual(after.subarray(first + 4).equals(before.subarray(first + 4)), true);
  throws(() => calmMutexes(after), /is 0 in Node's executable, not 2/);
});

test('a program without that variable is refused', () => {
  const file = Buffer.alloc(128);
  file.write('\x7fELF\x02\x01', 'latin1');
  file.writeBigUInt64LE(64n, 40);
  file.writeUInt16LE(1, 60);
  throws(() => calmMutexes(file), /has no/);
});
