/** A sample of what `npm run torture -- fault` does to every operation. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { describe, test } from 'node:test';
import { memoryDirectory } from '../support/memory-directory.ts';
import { type EachOperation, eachOperation } from './each-operation.ts';
import { faultyDiskNeeds } from './faulty-disk.ts';
import { startHubProcess } from './hub-client.ts';
import { lookAfterEnd, makeHome, play, recover, toldNothing } from './scenario.ts';

const samples: readonly (readonly [what: string, faults: EachOperation])[] = [
  ['fails', { fault: 'fail', error: 'EIO', sample: 7 }],
  ['finds the disk full', { fault: 'fail', error: 'ENOSPC', sample: 4 }],
  ['and all that follow fail for a while', { fault: 'fail', error: 'EIO', lastingMs: 100, sample: 2 }],
  [
    'and all that follow find the disk full for a while',
    { fault: 'fail', error: 'ENOSPC', lastingMs: 100, sample: 2 },
  ],
  ['is the last before a kill', { fault: 'killed', sample: 6 }],
  ['is carried out by half before a kill', { fault: 'torn', sample: 4 }],
  ['is the last before a loss of power', { fault: 'power', sample: 7 }],
];

describe('an operation on the disk', faultyDiskNeeds, () => {
  for (const [what, faults] of samples) {
    test(what, async (context) => {
      const { runs, doubles } = await eachOperation(faults);
      strictEqual(runs, faults.sample);
      context.diagnostic(`${runs} operations; ${doubles} copies made twice`);
    });
  }
});

/** Each is reported after its commit, and before a line of it is written. */
for (const event of ['delivery', 'bounce']) {
  test(`a kill between a commit and the line of ${event}`, async () => {
    const home = `${memoryDirectory()}/home`;
    const told = toldNothing();
    makeHome(home);
    const hub = startHubProcess({});
    const next = startHubProcess({});
    await hub.dieAt(event);
    await play(hub, home, told).catch(() => undefined);
    deepStrictEqual(await hub.ended, 'SIGKILL');
    const doubles = lookAfterEnd(home, told);
    deepStrictEqual([...doubles], event === 'delivery' ? ['<plain@author.test> for you@hub.test'] : []);
    await recover(next, home, told, doubles);
    await next.kill();
  });
}
