import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Thresholds } from '../../src/programs/monitor.ts';
import { findingOf, unknownFinding } from '../../src/programs/queue-monitor.ts';
import type { QueueCounts } from '../../src/queue/index.ts';

const counts: QueueCounts = {
  messages: 12,
  fresh: 3,
  waiting: 9,
  held: 1,
  failed: 2,
  incoming: 0,
  oldestMs: 1_000_000,
};

const none: Thresholds = {
  warnAgeMs: undefined,
  critAgeMs: undefined,
  warnCount: undefined,
  critCount: undefined,
};

/** The exit code when the oldest of twelve messages is 65 seconds old. */
function exit(part: Partial<Thresholds>): number {
  return findingOf(counts, { ...none, ...part }, 1_065_000).exit;
}

test('what is more than a threshold is too much', () => {
  deepStrictEqual(
    [{}, { warnCount: 12 }, { warnCount: 11 }, { critCount: 11 }, { warnCount: 5, critCount: 12 }].map(exit),
    [0, 0, 1, 2, 1],
  );
  deepStrictEqual(
    [{ warnAgeMs: 65_000 }, { warnAgeMs: 64_999 }, { critAgeMs: 60_000 }, { warnAgeMs: 1, critAgeMs: 2 }].map(
      exit,
    ),
    [0, 1, 2, 2],
  );
  // The worse of the two counts.
  strictEqual(exit({ warnCount: 1, critAgeMs: 1 }), 2);
  strictEqual(exit({ critCount: 1, warnAgeMs: 1 }), 2);
});

test('one line, with the measures behind the bar', () => {
  const limits = { warnAgeMs: 1_800_000, critAgeMs: 7_200_000, warnCount: 10, critCount: undefined };
  deepStrictEqual(findingOf(counts, limits, 1_065_000), {
    exit: 1,
    line: 'QUEUE WARNING - 12 messages, the oldest 1m 5s old | messages=12;10;;0 oldest=65s;1800;7200;0 fresh=3;;;0 waiting=9;;;0 held=1;;;0 failed=2;;;0',
  });
});

test('an empty queue has no oldest message and is well', () => {
  const empty = { ...counts, messages: 0, oldestMs: undefined };
  const { exit: code, line } = findingOf(empty, { ...none, critAgeMs: 0, critCount: 0 }, 1_065_000);
  strictEqual(code, 0);
  match(line, /^QUEUE OK - 0 messages \| messages=0;;0;0 oldest=0s;;0;0 /);
});

test('the reason of an unknown state begins no measures', () => {
  deepStrictEqual(unknownFinding('no|queue'), { exit: 3, line: 'QUEUE UNKNOWN - no/queue' });
});

test('more is never better', () => {
  const limit = fc.option(fc.nat(2000), { nil: undefined });
  const limits = fc.record({ warnAgeMs: limit, critAgeMs: limit, warnCount: limit, critCount: limit });
  const state = fc.record({ messages: fc.nat(2000), oldestMs: fc.nat(2000) });
  fc.assert(
    fc.property(
      limits,
      state,
      fc.nat(100),
      fc.nat(100),
      (thresholds, { messages, oldestMs }, more, older) => {
        const before = findingOf({ ...counts, messages, oldestMs }, thresholds, 2000);
        const after = findingOf({ ...counts, messages: messages + more, oldestMs }, thresholds, 2000 + older);
        return after.exit >= before.exit;
      },
    ),
  );
});
