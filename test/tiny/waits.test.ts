/** src/tiny/waits.ts against a host that says when what is ready. */
import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { pollFor } from '../../src/tiny/host.ts';
import { createWaits } from '../../src/tiny/waits.ts';
import { errno, fakeHost, pollsReady } from '../support/fake-host.ts';

const longMs = 1000;

test('all that wait are looked at together, once nothing else is to be done', async () => {
  const { host, called } = fakeHost({ monotonic: [0], hasJobs: [true, false], pollAll: [pollsReady(7, 9)] });
  const waits = createWaits(host);
  const settled = await Promise.all([
    waits.until(7, pollFor.input, longMs),
    waits.until(9, pollFor.output, longMs),
  ]);
  deepStrictEqual(settled, [true, true]);
  const polls = called.filter(([name]) => name === 'pollAll');
  deepStrictEqual(polls, [['pollAll', Int32Array.of(7, pollFor.input, 1, 9, pollFor.output, 1), longMs]]);
});

test('each goes on when it is ready, or when its time is over', async () => {
  let ms = 0;
  const pass = (_: Int32Array, timeoutMs: number) => {
    ms += timeoutMs;
    return 0;
  };
  const { host } = fakeHost({
    monotonic: [() => ms],
    hasJobs: [false],
    pollAll: [pollsReady(7), pass, pollsReady(9)],
  });
  const waits = createWaits(host);
  const order: string[] = [];
  const note = (name: string) => (isReady: boolean) => order.push(`${name} ${isReady} ${ms}`);
  await Promise.all([
    waits.until(9, pollFor.input, 300).then(note('late')),
    waits.until(-1, pollFor.input, 200).then(note('clock')),
    waits.until(7, pollFor.input, 100).then(note('soon')),
  ]);
  deepStrictEqual(order, ['soon true 0', 'clock false 200', 'late true 200']);
});

test('an interruption does not make the time longer', async () => {
  let ms = 0;
  const interrupt = () => {
    ms += 30;
    return -(errno['EINTR'] ?? 0);
  };
  const { host, called } = fakeHost({
    monotonic: [() => ms],
    hasJobs: [false],
    pollAll: [interrupt, interrupt, 0],
  });
  strictEqual(await createWaits(host).until(4, pollFor.input, 50), false);
  deepStrictEqual(
    called.filter(([name]) => name === 'pollAll').map(([, , timeoutMs]) => timeoutMs),
    [50, 20],
  );
});

test('who goes on may wait again', async () => {
  const { host } = fakeHost({ monotonic: [0], hasJobs: [false], pollAll: [pollsReady(7)] });
  const waits = createWaits(host);
  for (let count = 0; count < 3; count += 1) strictEqual(await waits.until(7, pollFor.input, longMs), true);
});

test('what keeps it from waiting is an error of all', async () => {
  const { host } = fakeHost({ monotonic: [0], hasJobs: [false], pollAll: [-(errno['EINVAL'] ?? 0)] });
  const waits = createWaits(host);
  const failed = [waits.until(1, pollFor.input, longMs), waits.until(2, pollFor.input, longMs)];
  for (const wait of failed) await rejects(wait, { code: 'EINVAL' });
});
