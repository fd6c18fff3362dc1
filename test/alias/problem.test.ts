import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { AliasProblem } from '../../src/alias/problem.ts';
import { errorCode } from '../../src/system/index.ts';

test('a problem has a verdict and no code of the C library', () => {
  const problem = new AliasProblem('Z', 'why');
  deepStrictEqual([problem.verdict, problem.message, problem.name], ['Z', 'why', 'AliasProblem']);
  strictEqual(errorCode(problem), '');
});
