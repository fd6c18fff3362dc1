import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { createRemovals } from '../../src/satellite/removals.ts';

/** Promises that are settled by hand, and what came of everything, in order. */
function watched(max: number) {
  const removals = createRemovals(max);
  const events: string[] = [];
  const add = (name: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    removals
      .add(
        promise,
        () => events.push(`${name} done`),
        (error) => events.push(`${name}: ${String(error)}`),
      )
      .then(() => events.push(`${name} may be followed`));
    return { resolve, reject };
  };
  return { removals, events, add };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('as many as are allowed go on at once, and the next one waits for one of them', async () => {
  const { events, add } = watched(2);
  const one = add('one');
  await turn();
  deepStrictEqual(events.splice(0), ['one may be followed']);
  const two = add('two');
  await turn();
  deepStrictEqual(events.splice(0), []);
  one.resolve();
  await turn();
  deepStrictEqual(events.splice(0), ['one done', 'two may be followed']);
  two.resolve();
  await turn();
  deepStrictEqual(events, ['two done']);
});

test('at the end all of them are waited for, and one that fails is told', async () => {
  const { removals, events, add } = watched(8);
  await removals.settle();
  const one = add('one');
  const two = add('two');
  const settled = removals.settle().then(() => events.push('settled'));
  two.reject('the disk');
  await turn();
  deepStrictEqual(events.splice(0), ['one may be followed', 'two may be followed', 'two: the disk']);
  one.resolve();
  await settled;
  deepStrictEqual(events, ['one done', 'settled']);
});
