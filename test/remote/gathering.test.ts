import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createGathering, type Gathering } from '../../src/remote/gathering.ts';

interface Gathered extends Gathering<number> {
  readonly started: string[];
  /** Frees the way that was taken first. */
  free(): Promise<void>;
  readonly running: number;
}

function gather(): Gathered {
  const started: string[] = [];
  const ends: (() => void)[] = [];
  const gathering = createGathering<number>((destination, jobs) => {
    started.push(`${destination}: ${jobs.join(' ')}`);
    return new Promise((resolve) => ends.push(resolve));
  });
  return {
    ...gathering,
    started,
    async free() {
      ends.shift()?.();
      await turn();
      await turn();
    },
    get running() {
      return ends.length;
    },
  };
}

const limits = { waysMax: 2, togetherMax: 3 };

test('jobs of one message that come together go together', async () => {
  const { add, started } = gather();
  for (const job of [1, 2]) add('d', 'message', job, limits);
  add('d', 'other', 3, limits);
  add('e', 'message', 4, limits);
  await turn();
  deepStrictEqual(started, ['d: 1 2', 'd: 3', 'e: 4']);
});

test('what waits for a way gathers, up to so many, and in its order', async () => {
  const { add, started, free } = gather();
  add('d', 'a', 1, limits);
  add('d', 'b', 2, limits);
  await turn();
  for (const [group, job] of [
    ['a', 3],
    ['b', 4],
    ['a', 5],
    ['a', 6],
    ['a', 7],
  ] as const)
    add('d', group, job, limits);
  await turn();
  strictEqual(started.length, 2);
  await free();
  await free();
  await free();
  deepStrictEqual(started.slice(2), ['d: 3 5 6', 'd: 4', 'd: 7']);
});

test('there are never more ways than so many, and limits may change', async () => {
  const gathered = gather();
  for (let job = 0; job < 10; job += 1) gathered.add('d', String(job), job, limits);
  await turn();
  strictEqual(gathered.running, 2);
  gathered.add('d', 'x', 10, { waysMax: 5, togetherMax: 3 });
  await turn();
  strictEqual(gathered.running, 5);
  while (gathered.running > 0) {
    ok(gathered.running <= 5);
    await gathered.free();
  }
  strictEqual(gathered.started.length, 11);
});
