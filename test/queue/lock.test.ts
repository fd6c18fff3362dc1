import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockStore } from '../../src/queue/lock.ts';
import { temporaryDirectory } from '../support/home.ts';
import { openTestStore } from '../support/open-store.ts';

test('a queue has one owner; the next one comes when it is gone', async () => {
  const first = await openTestStore();
  await assert.rejects(openTestStore({ directory: first.directory }), /already running/);
  await first.store.close();
  const second = await openTestStore({ directory: first.directory });
  await second.store.close();
});

test('locks of two directories do not meet', async () => {
  const unlock = [await lockStore(temporaryDirectory()), await lockStore(temporaryDirectory())];
  for (const release of unlock) release();
});
