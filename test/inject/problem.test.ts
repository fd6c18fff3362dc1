/** A problem with a message is told from a problem with the machine. */
import { ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { InjectProblem } from '../../src/inject/problem.ts';
import { errorCode, SystemError } from '../../src/system/index.ts';

test('it has no code of the C library, and a system error is none', () => {
  const problem = new InjectProblem('what is wrong');
  strictEqual(errorCode(problem), '');
  strictEqual(problem.message, 'what is wrong');
  ok(!(new SystemError('EIO', 'x') instanceof InjectProblem));
});
