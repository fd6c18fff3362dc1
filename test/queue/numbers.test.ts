import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNumbers } from '../../src/queue/numbers.ts';

/** A store that hands out blocks, and refuses while `refusing`. From `end` on it has none. */
function reserving(firstId: number, end = Number.POSITIVE_INFINITY) {
  let next = firstId;
  const state = { refusing: false, counts: [] as number[] };
  const reserve = async (count: number) => {
    state.counts.push(count);
    if (state.refusing) throw new Error('disk full');
    if (next + count > end) return 0;
    next += count;
    return next - count;
  };
  return { state, reserve };
}

const answer = () => new Promise(setImmediate);

test('numbers go on from block to block, each once, and nobody waits for them', async () => {
  const { state, reserve } = reserving(1001);
  const { take } = createNumbers({ firstId: 1, idCount: 1000 }, reserve);
  // Each of a thousand connections brings a message before the disk has answered.
  for (let id = 1; id <= 250_000; id += 1) {
    assert.equal(take(), id);
    if (id % 1000 === 0) await answer();
  }
  assert.deepEqual(state.counts, [4000, 16_000, 64_000, 100_000, 100_000, 100_000]);
});

test('a hub that takes no mail asks for no more than it began with', () => {
  const { state, reserve } = reserving(1001);
  createNumbers({ firstId: 1, idCount: 1000 }, reserve);
  assert.deepEqual(state.counts, []);
});

test('when no block can be reserved the last numbers are given out, then none, and then it goes on', async () => {
  const { state, reserve } = reserving(4);
  state.refusing = true;
  const { take } = createNumbers({ firstId: 1, idCount: 3 }, reserve);
  assert.deepEqual([take(), take(), take(), take(), take()], [1, 2, 3, 'later', 'later']);
  await answer();
  state.refusing = false;
  assert.equal(take(), 'later');
  await answer();
  assert.equal(take(), 4);
});

test('when there are none any more that is said, and the store is not asked again', async () => {
  const { state, reserve } = reserving(3, 3);
  const { take, stop } = createNumbers({ firstId: 1, idCount: 2 }, reserve);
  assert.deepEqual([take(), take()], [1, 2]);
  await answer();
  assert.deepEqual([take(), take(), state.counts.length], ['never', 'never', 1]);
  assert.equal(stop(), 3);
  const none = createNumbers({ firstId: 0, idCount: 0 }, reserve);
  assert.deepEqual([none.take(), none.stop(), state.counts.length], ['never', undefined, 1]);
});

test('at the end it says which number was not given out, and gives out none', async () => {
  const unused = createNumbers({ firstId: 7, idCount: 10 }, reserving(17).reserve);
  assert.deepEqual([unused.stop(), unused.take()], [7, 'later']);
  const { take, stop } = createNumbers({ firstId: 1, idCount: 2 }, reserving(3).reserve);
  assert.deepEqual([take(), take()], [1, 2]);
  await answer();
  assert.equal(take(), 3);
  assert.deepEqual([stop(), take()], [4, 'later']);
});
