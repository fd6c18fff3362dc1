import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createGate } from '../../src/process/index.ts';

test('so much goes on at the same time, and the rest in its order', async () => {
  const gate = createGate(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const works = [0, 1, 2, 3, 4].map((number) =>
    gate(() => {
      begun.push(number);
      return new Promise<number>((resolve) => ends.push(() => resolve(number)));
    }),
  );
  for (const expected of [2, 3, 4, 5, 5]) {
    await turn();
    strictEqual(begun.length, expected);
    ends.shift()?.();
  }
  deepStrictEqual(await Promise.all(works), [0, 1, 2, 3, 4]);
  deepStrictEqual(begun, [0, 1, 2, 3, 4]);
});

test('what fails makes room', async () => {
  const gate = createGate(1);
  const failing = gate(() => Promise.reject(new Error('no')));
  const next = gate(async () => 'yes');
  await rejects(failing, /no/);
  strictEqual(await next, 'yes');
});
