import { match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { staysBig } from '../../src/programs/stays-big.ts';
import { boxQueue } from '../../src/satellite/index.ts';
import { memorySystem } from '../support/memory-system.ts';

test('it says why, and where the program is', async () => {
  const { system, output } = memorySystem();
  const program = staysBig('qmail-enroll', 'makes keys');
  strictEqual(await program.run(system, { queue: boxQueue }), 100);
  match(output(2), /^qmail-enroll: qmail-enroll makes keys: .*mini-qmail-satellite/);
});
