import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTooOld, lastAnswer, nextAttemptMs } from '../../src/send/retry.ts';

test('attempts are at 100, 400, 900 ... seconds for local recipients, and at 400, 1600, 3600 ... for remote ones', () => {
  const birthMs = 1_000_000;
  const ages = (channel: 'local' | 'remote') => {
    const result: number[] = [];
    let nowMs = birthMs;
    while (result.length < 5) {
      nowMs = nextAttemptMs(birthMs, nowMs, channel);
      result.push((nowMs - birthMs) / 1000);
    }
    return result;
  };
  assert.deepEqual(ages('local'), [100, 400, 900, 1600, 2500]);
  assert.deepEqual(ages('remote'), [400, 1600, 3600, 6400, 10000]);
});

test('a clock that was set back does not break the schedule', () => {
  assert.equal(nextAttemptMs(5_000_000, 0, 'local'), 5_100_000);
});

test('after its lifetime a message gets one last attempt, in whole seconds', () => {
  assert.equal(isTooOld(1500, 1900, 0), false);
  assert.equal(isTooOld(1500, 2000, 0), true);
  assert.equal(isTooOld(1500, 11_999, 10_000), false);
  assert.equal(isTooOld(1500, 12_000, 10_000), true);
});

test('the last report of a message that is too old says why, and that it was the last', () => {
  assert.deepEqual(lastAnswer('busy (#4.2.0)\n'), {
    verdict: 'D',
    text: "busy (#4.2.0)\nI'm not going to try again; this message has been in the queue too long.\n",
  });
});
