import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { test } from 'node:test';
import type { Disk } from '../../src/local/disk.ts';
import { createDiskChoice } from '../../src/local/disk-choice.ts';
import { temporaryDirectory } from '../support/home.ts';

/** A choice on a real disk, and a clock by which a sync takes as long as a test says. */
function choiceWith() {
  const directory = temporaryDirectory();
  let nowMs = 0;
  let stepMs = 0;
  let files = 0;
  const choice = createDiskChoice(() => {
    nowMs += stepMs;
    return nowMs;
  });
  return {
    choice,
    async sync(disk: Disk, takesMs: number) {
      files += 1;
      const descriptor = await disk.create(`${directory}/${files}`);
      stepMs = takesMs;
      await disk.sync(descriptor);
      stepMs = 0;
      closeSync(descriptor);
    },
  };
}

/** Whether a call is over when it returns. */
function waitsHere(disk: Disk): boolean {
  try {
    const later = disk.rename('/proc/none', '/proc/none');
    later?.catch(() => {});
    return later === undefined;
  } catch {
    return true;
  }
}

test('a delivery that is alone waits for the disk itself, unless it writes much', () => {
  const { choice } = choiceWith();
  assert.ok(waitsHere(choice.forDelivery(1_000_000, 1)));
  assert.ok(!waitsHere(choice.forDelivery(1_000_001, 1)));
});

test('deliveries beside one another wait for a quick disk themselves, and not for a slow one', async () => {
  const { choice, sync } = choiceWith();
  assert.ok(waitsHere(choice.forDelivery(1000, 2)));
  // One quick sync among the last ones is enough.
  await sync(choice.forDelivery(1000, 2), 1);
  for (let count = 0; count < 7; count += 1) await sync(choice.forDelivery(1000, 2), 50);
  assert.ok(waitsHere(choice.forDelivery(1000, 2)));
  await sync(choice.forDelivery(1000, 2), 50);
  const slow = choice.forDelivery(1000, 2);
  assert.ok(!waitsHere(slow));
  assert.ok(waitsHere(choice.forDelivery(1000, 1)));
  // It is found out when the disk is quick again.
  await sync(slow, 1);
  assert.ok(waitsHere(choice.forDelivery(1000, 2)));
});
