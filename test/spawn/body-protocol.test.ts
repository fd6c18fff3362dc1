import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { bodyFrame, bodySocketPath, tokenBytes } from '../../src/spawn/body-protocol.ts';

test('the socket stands in the queue, and no two frames are the same', () => {
  strictEqual(bodySocketPath('/var/qmail/queue'), '/var/qmail/queue/body');
  deepStrictEqual(new Set(Object.values(bodyFrame)).size, Object.keys(bodyFrame).length);
  // 128 bits, in hexadecimal digits.
  strictEqual(tokenBytes * 4, 128);
});
