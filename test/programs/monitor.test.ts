import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { monitorExit, monitorWords, severity } from '../../src/programs/monitor.ts';

test('what is over a threshold is too much, and no threshold asks nothing', () => {
  strictEqual(severity(10, 10, 20), monitorExit.ok);
  strictEqual(severity(11, 10, 20), monitorExit.warning);
  strictEqual(severity(21, 10, 20), monitorExit.critical);
  strictEqual(severity(21, 10, undefined), monitorExit.warning);
  strictEqual(severity(1e9, undefined, undefined), monitorExit.ok);
});

test('each exit code has its word', () => {
  deepStrictEqual(
    Object.values(monitorExit).map((exit) => monitorWords[exit]),
    ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'],
  );
});
