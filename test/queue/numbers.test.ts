import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNumbers } from '../../src/queue/numbers.ts';

/** A store that hands out blocks, and refuses while `refusing`. */
function reserving(firstId: number) {
  let next = firstId;
  const state = { refusing: false, asked: 0 };
  const reserve = async (count: number) => {
    state.asked += 1;
    if (state.refusing) throw new Error('disk full');
    next += count;
    return next - count;
  };
  return { state, reserve };
}

test('numbers go on from block to block, each once, and blocks are asked for in time', async () => {
  const { state, reserve } = reserving(30_001);
  const { take } = createNumbers({ firstId: 1, idCount: 30_000 }, reserve);
  for (let id = 1; id <= 250_000; id += 1) {
    assert.equal(take(), id);
    if (id % 10_000 === 0) await new Promise(setImmediate);
  }
  // One block at a time, before the last one is used up.
  assert.equal(state.asked, 3);
});

test('when no block can be reserved the last numbers are given out, then none, and then it goes on', async () => {
  const { state, reserve } = reserving(900_000);
  state.refusing = true;
  const { take } = createNumbers({ firstId: 1, idCount: 3 }, reserve);
  assert.deepEqual([take(), take(), take(), take(), take()], [1, 2, 3, undefined, undefined]);
  await new Promise(setImmediate);
  state.refusing = false;
  assert.equal(take(), undefined);
  await new Promise(setImmediate);
  assert.equal(take(), 900_000);
});
