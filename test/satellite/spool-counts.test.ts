import { deepStrictEqual } from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { test } from 'node:test';
import { countSpool } from '../../src/satellite/spool-counts.ts';
import { testSpool } from '../support/spool.ts';

test('how many, how old, and how many were set aside', () => {
  const spool = testSpool([]);
  const count = () => countSpool(spool.system, spool.settings);
  deepStrictEqual(count(), { messages: 0, oldestMs: undefined, failed: 0 });
  for (const nowMs of [3000, 1000, 2000]) spool.keep('x', { nowMs });
  deepStrictEqual(count(), { messages: 3, oldestMs: 1000, failed: 0 });
  const { directory } = spool.settings;
  const [oldest = ''] = spool.names();
  renameSync(`${directory}/queue/${oldest}`, `${directory}/failed/${oldest}`);
  deepStrictEqual(count(), { messages: 2, oldestMs: 2000, failed: 1 });
});
