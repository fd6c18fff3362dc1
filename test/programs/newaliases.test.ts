/** newaliases has nothing to do and must not fail. */
import { deepStrictEqual } from 'node:assert/strict';
import { eachBody } from '../support/bodies.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';

eachBody('it says that there are no aliases, and succeeds', async () => {
  const { exit, stdout, stderr } = await runProgram({ program: 'newaliases', main: satelliteMain });
  deepStrictEqual([exit, stdout, stderr], [0, 'There are no aliases to rebuild here.\n', '']);
});
