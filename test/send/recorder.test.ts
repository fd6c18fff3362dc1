import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRecorder } from '../../src/send/recorder.ts';

const joe = { messageId: 7, address: 'joe@x y' };

/** A store that refuses as long as a test says, and a recorder with what it said. */
function refusing() {
  const state = { refuses: true, tries: 0 };
  const said: string[] = [];
  const recorder = createRecorder({ onProblem: (text) => said.push(text) });
  const write = async () => {
    state.tries += 1;
    if (state.refuses) throw new Error('disk full');
    return 'written';
  };
  return { state, said, recorder, write };
}

async function turn(): Promise<void> {
  await new Promise(setImmediate);
}

test('what the store takes is written once', async () => {
  const { state, said, recorder, write } = refusing();
  state.refuses = false;
  assert.equal(await recorder.record('a delivery', [joe], write), 'written');
  assert.deepEqual([state.tries, said.length, recorder.troubled], [1, 0, false]);
});

test('what is refused is brought again, less and less often, until it is taken', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { state, said, recorder, write } = refusing();
  const recorded = recorder.record('a delivery', [joe], write);
  await turn();
  assert.equal(recorder.troubled, true);
  const tries: number[] = [];
  for (const ms of [249, 1, 499, 1, 999, 1]) {
    t.mock.timers.tick(ms);
    await turn();
    tries.push(state.tries);
  }
  assert.deepEqual(tries, [1, 2, 2, 3, 3, 4]);
  for (let count = 0; count < 12; count += 1) {
    t.mock.timers.tick(30_000);
    await turn();
  }
  // It is brought at least twice a minute.
  assert.ok(state.tries >= 14);
  state.refuses = false;
  t.mock.timers.tick(30_000);
  assert.equal(await recorded, 'written');
  assert.equal(recorder.troubled, false);
  assert.match(said[0] ?? '', /^unable to record a delivery: msg 7 to joe@x_y: disk full; will try again$/);
});

test('when the store takes one record, the others are brought at once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { state, recorder, write } = refusing();
  const waiting = [recorder.record('a delivery', [joe], write), recorder.record('a delivery', [joe], write)];
  for (let count = 0; count < 8; count += 1) {
    await turn();
    t.mock.timers.tick(30_000);
  }
  await turn();
  state.refuses = false;
  const other = recorder.record('a delivery', [joe], write);
  assert.deepEqual(await Promise.all([other, ...waiting]), ['written', 'written', 'written']);
  assert.equal(recorder.troubled, false);
});

test('at the end what waits is tried once more, and then given up', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { state, said, recorder, write } = refusing();
  const recorded = recorder.record('a delivery', [joe], write);
  await turn();
  recorder.stop();
  assert.equal(await recorded, undefined);
  assert.equal(state.tries, 2);
  assert.match(said.at(-1) ?? '', /it may be made again$/);
  // One that comes after the end has its two tries as well.
  assert.equal(await recorder.record('a delivery', [joe], write), undefined);
  assert.equal(state.tries, 4);
});

test('a write that is on its way when the end comes has one more try', async () => {
  const { recorder, said } = refusing();
  let refuse: (error: Error) => void = () => {};
  let tries = 0;
  const recorded = recorder.record('a delivery', [joe], () => {
    tries += 1;
    if (tries > 1) return Promise.resolve('late');
    return new Promise<string>((_, reject) => {
      refuse = reject;
    });
  });
  recorder.stop();
  refuse(new Error('busy'));
  assert.equal(await recorded, 'late');
  assert.equal(said.length, 1);
});

test('what is recorded for many at once is named by the first of them', async () => {
  const { recorder, said, write } = refusing();
  recorder.stop();
  const ann = { messageId: 8, address: 'ann@x' };
  await recorder.record('a postponement', [ann, joe, joe], write);
  await recorder.record('a postponement', [], write);
  assert.match(said[0] ?? '', /^unable to record a postponement: msg 8 to ann@x and 2 more: disk full; /);
  assert.match(said[2] ?? '', /^unable to record a postponement: disk full; /);
});
