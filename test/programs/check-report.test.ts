/** The report of a check: line by line up to a limit, then counted. */
import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { checkAndPrint, findingsShownMax } from '../../src/programs/check-report.ts';
import { storePath } from '../../src/queue/index.ts';
import { copyStore, damage, makeFilledStore } from '../support/damaged-store.ts';
import { memorySystem } from '../support/memory-system.ts';

const filled = await makeFilledStore();

test('a store with more findings than anybody reads', () => {
  const directory = copyStore(filled);
  const many = findingsShownMax + 500;
  damage(
    directory,
    `INSERT INTO chunk (id, bytes) WITH RECURSIVE number (n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM number
       WHERE n < ${99 + many}) SELECT n << 20, x'61' FROM number`,
  );
  const report = (repair: boolean) => {
    const { system, output } = memorySystem();
    const exit = checkAndPrint(system, storePath(directory), repair);
    return { exit, lines: output(1).trimEnd().split('\n') };
  };
  const found = report(false);
  deepStrictEqual([found.exit, found.lines.length], [2, findingsShownMax + 2]);
  deepStrictEqual(found.lines[0], 'found: 1 byte of message 100, which does not exist');
  deepStrictEqual(found.lines.slice(-2), [
    'and more, which are counted only',
    `6 messages, 11 recipients: ${many} found, 0 repaired, ${many} left`,
  ]);
  const repaired = report(true);
  deepStrictEqual(repaired.exit, 1);
  deepStrictEqual(
    repaired.lines.at(-1),
    `6 messages, 11 recipients: ${many} found, ${many} repaired, 0 left`,
  );
  deepStrictEqual(report(false), { exit: 0, lines: ['6 messages, 11 recipients: nothing is wrong'] });
});
