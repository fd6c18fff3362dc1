/** The hub's entry point, src/main.ts, run as it is. */
import { match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { hubPrograms } from '../src/programs/hub-table.ts';
import { runProgram } from './support/run-program.ts';

test('it names every program it has', async () => {
  const { exit, stdout } = await runProgram({ program: '--help' });
  strictEqual(exit, 0);
  for (const name of Object.keys(hubPrograms)) ok(stdout.split(/\s/).includes(name), name);
});

test('each program tells what it is for', async () => {
  for (const name of Object.keys(hubPrograms)) {
    const { exit, stdout } = await runProgram({ program: name, args: ['--help'] });
    strictEqual(exit, 0, name);
    match(stdout, /^\S+ - .*\n\nusage: /, name);
  }
});

test('a program that does not exist is refused', async () => {
  const { exit, stderr } = await runProgram({ program: 'qmail-nothing' });
  strictEqual(exit, 100);
  match(stderr, /there is no program qmail-nothing/);
});
