/** What a kernel does now and then: half a write, an interruption, a descriptor that does not wait. */
import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { readBytes, writeBytes } from '../../src/tiny/descriptor-bytes.ts';
import { errno, fakeHost } from '../support/fake-host.ts';

const interrupted = -(errno['EINTR'] ?? 0);
const wouldWait = -(errno['EAGAIN'] ?? 0);
const full = -(errno['ENOSPC'] ?? 0);

const bytes = Uint8Array.from([1, 2, 3, 4, 5]);

test('what a write leaves is written next, where it belongs', () => {
  const { host, called } = fakeHost({ write: [2, interrupted, 3] });
  writeBytes(host, 7, bytes, 100);
  deepStrictEqual(called, [
    ['write', 7, bytes, 100],
    ['write', 7, bytes.subarray(2), 102],
    ['write', 7, bytes.subarray(2), 102],
  ]);
});

test('who must wait is waited for', () => {
  const { host, called } = fakeHost({ write: [wouldWait, 5], read: [wouldWait, 5], poll: [1] });
  writeBytes(host, 7, bytes, -1);
  strictEqual(readBytes(host, 8, new Uint8Array(9), -1), 5);
  deepStrictEqual(
    called.filter(([name]) => name === 'poll'),
    [
      ['poll', 7, 1, -1],
      ['poll', 8, 0, -1],
    ],
  );
});

test('nothing is written when there is nothing, and an error ends it', () => {
  const { host, called } = fakeHost({ write: [2, full] });
  writeBytes(host, 7, new Uint8Array(0), -1);
  strictEqual(called.length, 0);
  throws(() => writeBytes(host, 7, bytes, -1), { code: 'ENOSPC' });
});
