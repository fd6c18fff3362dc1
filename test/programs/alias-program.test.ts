import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { AliasProblem } from '../../src/alias/index.ts';
import { aliasExit, printBytes, shown, withAliasProblems } from '../../src/programs/alias-program.ts';
import { memorySystem } from '../support/memory-system.ts';

test('problems become exit codes, with a reason where there is one', async () => {
  const { system, output } = memorySystem();
  const exit = (problem: Error) =>
    withAliasProblems(system, 'fastforward', () => {
      throw problem;
    });
  strictEqual(await exit(new AliasProblem('Z', 'later')), 111);
  strictEqual(await exit(new AliasProblem('D', 'never')), 100);
  strictEqual(await exit(new AliasProblem('D', '')), 100);
  strictEqual(output(2), 'fastforward: fatal: later\nfastforward: fatal: never\n');
  await rejects(exit(new Error('a bug')), /a bug/);
  strictEqual(await withAliasProblems(system, 'fastforward', () => aliasExit.handled), 99);
});

test('what is shown moves no cursor', () => {
  strictEqual(shown('a\x1b[2J\n\xe9\x7fb~'), 'a_[2J__\x7fb~');
});

test('bytes are printed as they are, however many', () => {
  const { system, output } = memorySystem();
  const texts = Array.from({ length: 3 }, () => `${'x'.repeat(40_000)}\xe9\0`);
  printBytes(system, texts);
  deepStrictEqual(output(1), texts.join(''));
});
