import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueuedMessage } from '../../src/queue/index.ts';
import { createBounceQueue } from '../../src/send/bounce-queue.ts';

function message(id: number): QueuedMessage {
  return {
    id,
    birthMs: 0,
    caller: 'network',
    host: '',
    sender: `s${id}@x`,
    sizeBytes: 0,
    headerMessageId: '',
  };
}

/** A store with messages whose bounce is due; writing one takes it away, unless it is refused. */
function bouncing(count: number) {
  const due = new Map(Array.from({ length: count }, (_, index) => [index + 1, message(index + 1)]));
  const state = {
    due,
    running: 0,
    most: 0,
    unreadable: false,
    tries: new Map<number, number>(),
    refuses: (_id: number): boolean => false,
  };
  const said: string[] = [];
  const queue = createBounceQueue({
    store: {
      bouncesDue(fromId, limit) {
        if (state.unreadable) throw new Error('I/O error');
        return [...due.values()].filter(({ id }) => id >= fromId).slice(0, limit);
      },
    },
    async write({ id }) {
      state.tries.set(id, (state.tries.get(id) ?? 0) + 1);
      state.running += 1;
      state.most = Math.max(state.most, state.running);
      await new Promise(setImmediate);
      state.running -= 1;
      if (state.refuses(id)) throw new Error('disk full');
      due.delete(id);
    },
    onProblem: (text) => said.push(text),
  });
  return { ...queue, state, said };
}

async function settled(running: () => boolean): Promise<void> {
  for (let quiet = 0; quiet < 5; quiet = running() ? 0 : quiet + 1) await new Promise(setImmediate);
}

test('each bounce that is due is written once, a few at the same time', async () => {
  const { wake, stop, state, said } = bouncing(300);
  wake();
  wake();
  await settled(() => state.running > 0);
  assert.equal(state.due.size, 0);
  assert.ok([...state.tries.values()].every((tries) => tries === 1));
  assert.equal(state.tries.size, 300);
  assert.equal(state.most, 5);
  assert.deepEqual(said, []);
  await stop();
});

test('one that cannot be written is tried again, less and less often, and holds no other back', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { wake, stop, state, said } = bouncing(100);
  state.refuses = (id) => id === 7;
  wake();
  await settled(() => state.running > 0);
  assert.deepEqual([...state.due.keys()], [7]);
  for (let seconds = 0; seconds < 60; seconds += 1) {
    t.mock.timers.tick(1000);
    await settled(() => state.running > 0);
  }
  // After 1, 3, 7, 15 and 31 seconds.
  assert.equal(state.tries.get(7), 6);
  assert.match(said[0] ?? '', /^unable to bounce msg 7: disk full; will try again$/);
  state.refuses = () => false;
  t.mock.timers.tick(10_000);
  await settled(() => state.running > 0);
  assert.equal(state.due.size, 0);
  await stop();
});

test('when none can be written only some are tried, and all are written in the end', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { wake, stop, state } = bouncing(1000);
  state.refuses = () => true;
  wake();
  await settled(() => state.running > 0);
  assert.ok(state.tries.size < 30, `${state.tries.size} were tried`);
  for (let count = 0; count < 20; count += 1) {
    t.mock.timers.tick(1000);
    wake();
    await settled(() => state.running > 0);
  }
  state.refuses = () => false;
  t.mock.timers.tick(60_000);
  await settled(() => state.running > 0);
  assert.equal(state.due.size, 0);
  await stop();
});

test('as many as can ever wait do not keep the others from their turn', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { wake, stop, state } = bouncing(200);
  // More than may wait at the same time can never be written.
  state.refuses = (id) => id <= 50;
  wake();
  for (let seconds = 0; seconds < 600; seconds += 10) {
    await settled(() => state.running > 0);
    t.mock.timers.tick(10_000);
  }
  assert.equal(state.due.size, 50);
  await stop();
});

test('a store that cannot be read is looked into again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { wake, stop, state, said } = bouncing(10);
  state.unreadable = true;
  wake();
  wake();
  assert.match(said[0] ?? '', /unable to look for bounces: I\/O error/);
  state.unreadable = false;
  t.mock.timers.tick(60_000);
  await settled(() => state.running > 0);
  assert.equal(state.due.size, 0);
  await stop();
});

test('a stop waits for those that are being written and begins no other', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { wake, stop, state } = bouncing(50);
  state.refuses = (id) => id === 2;
  wake();
  await stop();
  assert.equal(state.running, 0);
  assert.equal(state.tries.size, 5);
  t.mock.timers.tick(100_000);
  wake();
  await settled(() => state.running > 0);
  assert.equal(state.tries.size, 5);
});
