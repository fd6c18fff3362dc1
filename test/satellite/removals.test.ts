import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { createRemovals } from '../../src/satellite/removals.ts';

/** Removals that are settled by hand, a pause that ends by hand, and what came of everything, in order. */
function watched(max: number) {
  const pauses: (() => void)[] = [];
  const pause = () => new Promise<void>((fulfil) => pauses.push(fulfil));
  const removals = createRemovals({ pause }, max);
  const events: string[] = [];
  const add = (name: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const added = removals.add({
      remove() {
        events.push(`${name} begins`);
        return promise;
      },
      done: () => events.push(`${name} done`),
      failed: (error) => events.push(`${name}: ${String(error)}`),
    });
    Promise.resolve(added).then(() => events.push(`${name} may be followed`));
    return { resolve, reject };
  };
  return { removals, events, add, endPause: () => pauses.shift()?.() };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('half of those that are allowed begin together', async () => {
  const { events, add } = watched(4);
  add('one');
  await turn();
  deepStrictEqual(events.splice(0), ['one may be followed']);
  add('two');
  await turn();
  deepStrictEqual(events, ['one begins', 'two begins', 'two may be followed']);
});

test('one that stays alone begins after a moment', async () => {
  const { events, add, endPause } = watched(4);
  const one = add('one');
  await turn();
  endPause();
  one.resolve();
  await turn();
  deepStrictEqual(events, ['one may be followed', 'one begins', 'one done']);
});

test('a moment that began before the last round begins none', async () => {
  const { events, add, endPause } = watched(4);
  for (const name of ['one', 'two', 'three']) add(name);
  await turn();
  events.splice(0);
  endPause();
  await turn();
  deepStrictEqual(events.splice(0), []);
  endPause();
  await turn();
  deepStrictEqual(events, ['three begins']);
});

test('when as many as are allowed are left, the next one waits for one of them', async () => {
  const { events, add } = watched(2);
  const one = add('one');
  const two = add('two');
  await turn();
  deepStrictEqual(events.splice(0), ['one begins', 'two begins', 'one may be followed']);
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
  await turn();
  events.splice(0);
  const settled = removals.settle().then(() => events.push('settled'));
  two.reject('the disk');
  await turn();
  deepStrictEqual(events.splice(0), ['one begins', 'two begins', 'two: the disk']);
  one.resolve();
  await settled;
  deepStrictEqual(events, ['one done', 'settled']);
});
