import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { spoolFinding, unknownSpool } from '../../src/programs/spool-monitor.ts';

const limits = { warnAgeMs: 60_000, critAgeMs: 120_000, warnCount: 10, critCount: 20 };

const find = (messages: number, ageMs: number | undefined, failed = 0) => {
  const oldestMs = ageMs === undefined ? undefined : 1_000_000 - ageMs;
  return spoolFinding({ messages, oldestMs, failed }, limits, 1_000_000);
};

test('one line with measures', () => {
  deepStrictEqual(find(0, undefined), {
    exit: 0,
    line: 'SPOOL OK - 0 messages | messages=0;10;20;0 oldest=0s;60;120;0 failed=0;0;;0',
  });
  deepStrictEqual(find(1, 61_000, 2), {
    exit: 1,
    line: 'SPOOL WARNING - 1 message, the oldest 1m 1s old, 2 set aside | messages=1;10;20;0 oldest=61s;60;120;0 failed=2;0;;0',
  });
});

test('age, number and what was set aside are judged', () => {
  strictEqual(find(10, 60_000).exit, 0);
  strictEqual(find(11, 0).exit, 1);
  strictEqual(find(21, 0).exit, 2);
  strictEqual(find(1, 120_001).exit, 2);
  strictEqual(find(0, undefined, 1).exit, 1);
  const asked = { warnAgeMs: undefined, critAgeMs: undefined, warnCount: undefined, critCount: undefined };
  strictEqual(spoolFinding({ messages: 9999, oldestMs: 0, failed: 0 }, asked, 1e12).exit, 0);
});

test('what is not known begins no measures', () => {
  deepStrictEqual(unknownSpool('a|b'), { exit: 3, line: 'SPOOL UNKNOWN - a/b' });
});
