import { deepStrictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { type Manual, parseCommandLine } from '../../src/manual/index.ts';
import { readThresholds, thresholdNames, thresholdOptions } from '../../src/programs/thresholds.ts';

const manual: Manual = {
  name: 'check',
  section: 8,
  purpose: 'check',
  synopsis: [],
  description: [],
  options: thresholdOptions('queue'),
  exitCodes: [],
};

function read(...args: readonly string[]) {
  const parsed = parseCommandLine(manual, args);
  if (!parsed.ok) throw new Error(parsed.problem);
  return readThresholds(parsed.line);
}

test('times and numbers', () => {
  const nothing = { warnAgeMs: undefined, critAgeMs: undefined, warnCount: undefined, critCount: undefined };
  deepStrictEqual(read(), nothing);
  deepStrictEqual(read('--warn-age', '30m', '--crit-count', '7'), {
    ...nothing,
    warnAgeMs: 1_800_000,
    critCount: 7,
  });
  deepStrictEqual(
    thresholdOptions('spool').map(({ name }) => name),
    thresholdNames,
  );
});

test('what is none is named', () => {
  throws(() => read('--warn-age', 'soon'), /^Error: --warn-age soon: not a time$/);
  throws(() => read('--crit-count', '-1'), /^Error: --crit-count -1: not a number$/);
});
