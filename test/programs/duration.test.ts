import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../src/programs/duration.ts';

test('what operators write', () => {
  const texts = ['90', '90s', '30m', '2h', '1d', '1w', '0', '000000007m'];
  deepStrictEqual(
    texts.map(parseDuration),
    [90_000, 90_000, 1_800_000, 7_200_000, 86_400_000, 604_800_000, 0, 420_000],
  );
});

test('what is no duration', () => {
  for (const text of ['', 's', 'm5', '5 m', '-5m', '1.5h', '5M', '2h30m', '1234567890', '5y', 'toString']) {
    strictEqual(parseDuration(text), undefined, text);
  }
});

test('what they read', () => {
  const times = [0, 999, 45_000, 60_000, 725_000, 3_600_000, 11_520_000, 86_400_000, 792_000_000, -5];
  deepStrictEqual(times.map(formatDuration), [
    '0s',
    '0s',
    '45s',
    '1m 0s',
    '12m 5s',
    '1h 0m',
    '3h 12m',
    '1d 0h',
    '9d 4h',
    '0s',
  ]);
});

test('nothing is lost but what is smaller than the second unit', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1e12 }), (ms) => {
      const read = formatDuration(ms)
        .split(' ')
        .reduce((sum, part) => sum + (parseDuration(part) ?? Number.NaN), 0);
      return read <= ms && read > ms * 0.95 - 1000;
    }),
  );
});
