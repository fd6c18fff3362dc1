import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { keepForgetting, lookEveryMs, stepCount, stepEveryMs } from '../../src/programs/keep-forgetting.ts';

/** What promises bring happens within one turn of the event loop. */
const turn = () => new Promise(setImmediate);

test('full steps follow one another, and after one that is not full or fails there is a pause', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const answers = [stepCount, stepCount, 3, new Error('the disk is full'), 0];
  const asked: number[] = [];
  const stop = keepForgetting(async (count) => {
    asked.push(count);
    const answer = answers[asked.length - 1] ?? 0;
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const seen: number[] = [];
  for (const ms of [lookEveryMs, stepEveryMs, stepEveryMs, lookEveryMs, lookEveryMs]) {
    context.mock.timers.tick(ms - 1);
    await turn();
    seen.push(asked.length);
    context.mock.timers.tick(1);
    await turn();
    seen.push(asked.length);
  }
  deepStrictEqual(seen, [0, 1, 1, 2, 2, 3, 3, 4, 4, 5]);
  deepStrictEqual(new Set(asked), new Set([stepCount]));
  stop();
  context.mock.timers.tick(lookEveryMs);
  await turn();
  deepStrictEqual(asked.length, 5);
});

test('once stopped, a step that is under way is the last', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { promise, resolve } = Promise.withResolvers<number>();
  let asked = 0;
  const stop = keepForgetting(() => {
    asked += 1;
    return promise;
  });
  context.mock.timers.tick(lookEveryMs);
  stop();
  resolve(stepCount);
  await turn();
  context.mock.timers.tick(lookEveryMs);
  deepStrictEqual(asked, 1);
});
