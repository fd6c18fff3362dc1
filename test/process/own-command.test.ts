import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { ownCommand } from '../../src/process/index.ts';
import { builtExecutable, executablesMissing } from '../support/executables.ts';

test('from sources it is this Node, the entry point, and the program with its arguments', () => {
  deepStrictEqual(ownCommand('qmail-send', ['--spawn', ''], '/x/main.ts'), {
    file: process.execPath,
    args: ['/x/main.ts', 'qmail-send', '--spawn', ''],
  });
  deepStrictEqual(ownCommand('qmail-send').args, [process.argv[1] ?? '', 'qmail-send']);
});

test('the command runs', () => {
  const main = new URL('../../src/main.ts', import.meta.url).pathname;
  const { file, args } = ownCommand('qmail-rspawn', ['--help'], main);
  const { status, stdout } = spawnSync(file, args, { encoding: 'utf8' });
  strictEqual(status, 0);
  strictEqual(stdout.includes('qmail-rspawn'), true);
});

test('a single executable starts itself', { skip: executablesMissing }, () => {
  const { status, stdout } = spawnSync(builtExecutable('mini-qmail'), ['qmail-rspawn', '--help'], {
    encoding: 'utf8',
  });
  strictEqual(status, 0);
  strictEqual(stdout.includes('qmail-rspawn'), true);
});
