/** src/tiny/stream.ts against what sockets do now and then; network.test.ts has the rest. */
import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { tinyStream } from '../../src/tiny/stream.ts';
import { createWaits } from '../../src/tiny/waits.ts';
import { errno, fakeHost, pollsReady } from '../support/fake-host.ts';

const wouldWait = -(errno['EAGAIN'] ?? 0);

test('a write goes on where the last one stopped', async () => {
  const { host, called } = fakeHost({ write: [1, wouldWait, 2], pollAll: [pollsReady(9)], monotonic: [0] });
  await tinyStream(host, createWaits(host), 9, 'x').write(Uint8Array.from([1, 2, 3]), 50);
  deepStrictEqual(
    called.filter(([name]) => name === 'write').map(([, , bytes]) => [...(bytes as Uint8Array)]),
    [
      [1, 2, 3],
      [2, 3],
      [2, 3],
    ],
  );
});

test('a peer that has broken the connection is an error', async () => {
  const { host } = fakeHost({ read: [-(errno['ECONNRESET'] ?? 0)], monotonic: [0] });
  await rejects(tinyStream(host, createWaits(host), 9, 'x').read(50), { code: 'ECONNRESET' });
});

test('it is closed once', () => {
  const { host, called } = fakeHost({ close: [0] });
  const stream = tinyStream(host, createWaits(host), 9, 'x');
  stream.close();
  stream.close();
  strictEqual(called.length, 1);
});
