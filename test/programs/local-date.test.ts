import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localDateField } from '../../src/programs/local-date.ts';
import { memorySystem } from '../support/memory-system.ts';

const morning = Date.UTC(2026, 10, 5, 8, 44, 38);

function fieldIn(zone: string): string {
  const before = process.env['TZ'];
  process.env['TZ'] = zone;
  try {
    return localDateField(memorySystem({ nowMs: morning }).system);
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
}

test('the time of the local zone, with what it is ahead of GMT', () => {
  assert.equal(fieldIn('UTC'), 'Date: 5 Nov 2026 08:44:38 +0000\n');
  assert.equal(fieldIn('Europe/Berlin'), 'Date: 5 Nov 2026 09:44:38 +0100\n');
  assert.equal(fieldIn('America/St_Johns'), 'Date: 5 Nov 2026 05:14:38 -0330\n');
  assert.equal(fieldIn('Asia/Kathmandu'), 'Date: 5 Nov 2026 14:29:38 +0545\n');
});
