import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { steerStopped } from '../../src/programs/steer-stopped.ts';
import { type Affected, everything, type Order, QueueInUse } from '../../src/queue/index.ts';
import { temporaryHome } from '../support/home.ts';
import { birthMs, minuteMs, openQuietStore, openSteeredQueue, statesIn } from '../support/steered-queue.ts';

async function steer(home: string, order: Order, dryRun = false) {
  const counts: Affected[] = [];
  await steerStopped({
    home,
    order: { order, filter: everything, nowMs: birthMs + 100 * minuteMs, report: 'so be it\n' },
    dryRun,
    onCount: (meant) => counts.push(meant),
    onDone: (changed) => counts.push(changed),
  });
  return counts;
}

test('the store itself is changed, and what follows is left to the next hub', async () => {
  const { home, directory, close } = await openSteeredQueue();
  await close();
  deepStrictEqual(await steer(home, 'fail'), [
    { recipients: 8, messages: 3 },
    { recipients: 8, messages: 3 },
  ]);
  strictEqual(statesIn(directory).length, 9);
  const store = await openQuietStore(directory);
  strictEqual(store.bouncesDue(0, 10).length, 3);
  await store.close();
});

test('a dry run only reads, also beside a hub; more than that it may not do there', async () => {
  const { home, directory, close } = await openSteeredQueue();
  const before = statesIn(directory);
  deepStrictEqual(await steer(home, 'delete', true), [{ recipients: 9, messages: 3 }]);
  await rejects(steer(home, 'delete'), QueueInUse);
  await close();
  deepStrictEqual(statesIn(directory), before);
});

test('where there is no queue none is made', async () => {
  const home = temporaryHome();
  await rejects(steer(home, 'hold'), /there is no queue/);
  await rejects(steer(home, 'hold', true), /there is no queue/);
  strictEqual(existsSync(`${home}/queue`), false);
});
