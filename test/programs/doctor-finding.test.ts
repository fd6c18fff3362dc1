import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import {
  exitOf,
  type Finding,
  findingsJson,
  findingText,
  summaryText,
} from '../../src/programs/doctor-finding.ts';

const ok: Finding = { what: 'home', state: 'ok', says: '/var/qmail' };
const warning: Finding = {
  what: 'control/me',
  state: 'warning',
  says: 'box has no domain',
  advice: 'write it',
};
const problem: Finding = { what: 'hub 192.0.2.1:628', state: 'problem', says: 'connection refused' };

test('the worst finding is the exit code', () => {
  deepStrictEqual([[], [ok], [ok, warning], [problem, warning]].map(exitOf), [0, 0, 1, 2]);
});

test('for people it is a line each, with what to do under it', () => {
  strictEqual(findingText(ok), 'ok       home: /var/qmail\n');
  strictEqual(findingText(warning), 'warning  control/me: box has no domain\n         -> write it\n');
  strictEqual(summaryText([ok]), 'All is well.\n');
  strictEqual(summaryText([warning, problem, problem]), '2 problems, 1 warning.\n');
});

test('for programs it is one object', () => {
  deepStrictEqual(JSON.parse(findingsJson([ok, warning])), {
    problems: 0,
    warnings: 1,
    findings: [ok, warning],
  });
});
