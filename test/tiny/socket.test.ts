import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { connected, receive } from '../../src/tiny/socket.ts';
import { createWaits } from '../../src/tiny/waits.ts';
import { errno, fakeHost, pollsReady } from '../support/fake-host.ts';

const inProgress = -(errno['EINPROGRESS'] ?? 0);
const refused = -(errno['ECONNREFUSED'] ?? 0);
const busy = -(errno['EAGAIN'] ?? 0);

test('a connection that needs time', async () => {
  const { host } = fakeHost({ monotonic: [0], pollAll: [pollsReady(4)], socketError: [0] });
  strictEqual(await connected(host, createWaits(host), 4, () => inProgress, 'x', 50), 4);
});

test('one that fails later, and one that never comes, are closed', async () => {
  const later = fakeHost({
    monotonic: [0],
    pollAll: [pollsReady(4)],
    socketError: [refused],
    close: [0],
  });
  const start = ({ host }: typeof later) => connected(host, createWaits(host), 4, () => inProgress, 'x', 50);
  await rejects(start(later), { code: 'ECONNREFUSED' });
  deepStrictEqual(later.called.at(-1), ['close', 4]);
  const never = fakeHost({ monotonic: [0, 50], pollAll: [0], close: [0] });
  await rejects(start(never), { code: 'ETIMEDOUT' });
  deepStrictEqual(never.called.at(-1), ['close', 4]);
});

test('a listener whose queue is full is asked again', async () => {
  const answers = [busy, busy, 0];
  let ms = 0;
  const pass = (_: Int32Array, timeoutMs: number) => {
    ms += timeoutMs;
    return 0;
  };
  const { host } = fakeHost({ monotonic: [() => ms], pollAll: [pass] });
  strictEqual(await connected(host, createWaits(host), 4, () => answers.shift() ?? 0, 'x', 50), 4);
  strictEqual(ms, 2);
});

test('no socket', async () => {
  const { host } = fakeHost({});
  await rejects(
    connected(host, createWaits(host), -(errno['EMFILE'] ?? 0), () => 0, 'x', 50),
    { code: 'EMFILE' },
  );
});

test('what has come is read at once, and what has not is waited for', async () => {
  const { host, called } = fakeHost({ monotonic: [0], read: [3, busy, 2], pollAll: [pollsReady(4)] });
  const waits = createWaits(host);
  strictEqual((await receive(host, waits, 4, 'x', 50))?.length, 3);
  strictEqual(called.filter(([name]) => name === 'pollAll').length, 0);
  strictEqual((await receive(host, waits, 4, 'x', 50))?.length, 2);
  strictEqual(called.filter(([name]) => name === 'pollAll').length, 1);
});
