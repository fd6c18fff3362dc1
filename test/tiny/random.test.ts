import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { randomBytes } from '../../src/tiny/random.ts';
import { errno, fakeHost } from '../support/fake-host.ts';
import { openTinyBody, tinyMissing } from '../support/tiny-body.ts';

test('more than one call gives at once', { skip: tinyMissing }, async (context) => {
  const { call } = await openTinyBody(context);
  const { bytes } = call('random', 1000) as { bytes: string };
  strictEqual(bytes.length, 1000);
  const end = new Set(bytes.slice(-200));
  strictEqual(end.size > 50, true, 'the end was filled, too');
});

test('a kernel without the call gives them by its file', () => {
  const fill = (_descriptor: number, into: Uint8Array) => {
    into[0] = 9;
    return 1;
  };
  const { host, called } = fakeHost({
    random: [-(errno['ENOSYS'] ?? 0)],
    open: [5],
    read: [fill],
    close: [0],
  });
  deepStrictEqual([...randomBytes(host, 3)], [9, 9, 9]);
  deepStrictEqual(called[1], ['open', '/dev/urandom', 0, 0]);
  deepStrictEqual(called.at(-1), ['close', 5]);
});
