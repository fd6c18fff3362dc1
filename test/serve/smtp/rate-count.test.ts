import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { createRateCount, rateMinuteMs, ratePeersMax } from '../../../src/serve/smtp/rate-count.ts';

test('so many in a minute from each, and again in the next', () => {
  let nowMs = 0;
  let max = 2;
  const rate = createRateCount(
    () => max,
    () => nowMs,
  );
  const take = (...peers: readonly string[]) => peers.map((peer) => rate.take(peer));
  deepStrictEqual(take('a', 'a', 'a', 'b', 'a'), [true, true, false, true, false]);
  nowMs += rateMinuteMs;
  deepStrictEqual(take('a', 'a', 'a'), [true, true, false]);
  max = 3;
  strictEqual(rate.take('a'), true);
  max = 0;
  strictEqual(rate.take('a'), true);
});

test('no more peers are kept than may be', () => {
  const rate = createRateCount(
    () => 1,
    () => 0,
  );
  rate.take('first');
  for (let count = 1; count < ratePeersMax; count += 1) rate.take(String(count));
  strictEqual(rate.take('first'), true);
});
