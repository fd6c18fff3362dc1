import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { createRateLimit } from '../../../src/serve/satellites/rate-limit.ts';

const rate = { messages: 60, perMs: 60_000, burst: 3 };

test('a burst passes, and then as many as the rate says', () => {
  let nowMs = 0;
  const limit = createRateLimit(() => nowMs);
  const take = () => limit.take('box', rate);
  deepStrictEqual([take(), take(), take(), take()], [true, true, true, false]);
  nowMs = 999;
  strictEqual(take(), false);
  nowMs = 1000;
  deepStrictEqual([take(), take()], [true, false]);
  nowMs = 3_600_000;
  deepStrictEqual([take(), take(), take(), take()], [true, true, true, false]);
});

test('each satellite has its own', () => {
  const limit = createRateLimit(() => 0);
  const one = { ...rate, burst: 1 };
  deepStrictEqual([limit.take('a', one), limit.take('a', one), limit.take('b', one)], [true, false, true]);
});
