import { ok, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { readEpoch } from '../../build/epoch.ts';

test('what the variable says, or else the last commit', (context) => {
  const before = process.env['SOURCE_DATE_EPOCH'];
  context.after(() => {
    if (before === undefined) delete process.env['SOURCE_DATE_EPOCH'];
    else process.env['SOURCE_DATE_EPOCH'] = before;
  });
  process.env['SOURCE_DATE_EPOCH'] = '1700000000';
  strictEqual(readEpoch(), 1_700_000_000);
  process.env['SOURCE_DATE_EPOCH'] = 'yesterday';
  throws(readEpoch, /yesterday/);
  delete process.env['SOURCE_DATE_EPOCH'];
  ok(readEpoch() >= 0);
});
