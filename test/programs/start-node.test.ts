/** start-node: where a process begins, seen from outside: names, arguments, exit codes. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory } from '../support/home.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';

test('the name of a link is the name of the program', () => {
  const directory = temporaryDirectory();
  symlinkSync(satelliteMain, `${directory}/maildirmake`);
  const { status } = spawnSync(process.execPath, [`${directory}/maildirmake`, `${directory}/box`]);
  strictEqual(status, 0);
  strictEqual(existsSync(`${directory}/box/new`), true);
});

test("a program's exit code is the process's, and its output has been written by then", async () => {
  const ended = await runProgram({ main: satelliteMain, program: 'maildirmake', args: ['--help'] });
  deepStrictEqual([ended.exit, ended.stderr], [0, '']);
  match(ended.stdout, /Exit codes:/);
  strictEqual((await runProgram({ main: satelliteMain, program: 'maildirmake' })).exit, 100);
});
