import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeSystem } from '../../../src/system/node/index.ts';

test('the process as programs see it', () => {
  const system = nodeSystem(['-f', 'é']);
  assert.deepEqual(system.args, ['-f', '\xc3\xa9']);
  assert.equal(system.pid, process.pid);
  assert.equal(system.uid, process.getuid?.());
  assert.equal(system.env('PATH'), process.env['PATH']);
  assert.equal(system.env('MINI_QMAIL_NO_SUCH_VARIABLE'), undefined);
  assert.equal(system.random(8).length, 8);
});

test('two clocks: one of the day, one that only goes forward', () => {
  const system = nodeSystem([]);
  assert.equal(Math.abs(system.now() - Date.now()) < 60_000, true);
  let before = system.monotonic();
  for (let count = 0; count < 1000; count += 1) {
    const now = system.monotonic();
    assert.equal(now >= before, true);
    before = now;
  }
});

test('a pause lasts', async () => {
  const system = nodeSystem([]);
  const before = system.monotonic();
  await system.pause(20);
  // Timers count whole milliseconds.
  assert.equal(system.monotonic() - before >= 19, true);
});
