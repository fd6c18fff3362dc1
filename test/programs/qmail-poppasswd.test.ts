import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { findLogin, parsePasswordFile } from '../../src/serve/passwords/index.ts';
import { temporaryHome } from '../support/home.ts';
import { runProgram } from '../support/run-program.ts';

function usersHome(): string {
  const home = temporaryHome();
  mkdirSync(`${home}/users`);
  return home;
}

function run(home: string, args: readonly string[], stdin = '') {
  return runProgram({ program: 'qmail-poppasswd', args, stdin, env: { QMAILHOME: home } });
}

test('passwords are entered, changed and removed', async () => {
  const home = usersHome();
  const entries = () => parsePasswordFile(readFileSync(`${home}/users/poppasswd`, 'latin1'));
  const file = `${home}/users/poppasswd`;
  strictEqual((await run(home, ['joe'], 'secret word\nmore\n')).exit, 0);
  strictEqual(statSync(file).mode & 0o777, 0o600);
  strictEqual(findLogin(entries(), 'joe', 'secret word')?.name, 'joe');
  strictEqual((await run(home, ['--user', 'vmail', '--home', '/mail/jim', 'jim'], 'other word')).exit, 0);
  strictEqual((await run(home, ['jim'], 'new word\n')).exit, 0);
  const jim = findLogin(entries(), 'jim', 'new word');
  deepStrictEqual([jim?.user, jim?.home], ['vmail', '/mail/jim']);
  strictEqual((await run(home, ['--list'])).stdout, 'joe\njim\n');
  strictEqual((await run(home, ['--remove', 'joe'])).exit, 0);
  strictEqual((await run(home, ['--list'])).stdout, 'jim\n');
});

test('what cannot be entered is refused, and the file stays as it is', async () => {
  const home = usersHome();
  await run(home, ['joe'], 'secret word\n');
  const before = readFileSync(`${home}/users/poppasswd`);
  for (const [args, stdin] of [
    [['jim'], ''],
    [['jim'], '\n'],
    [['jim'], `${'x'.repeat(201)}\n`],
    [['jim'], 'a\0b\n'],
    [['j:im'], 'x\n'],
    [['--home', 'mail', 'jim'], 'x\n'],
    [['--home', '/m:ail', 'jim'], 'x\n'],
    [['--user', 'v mail', 'jim'], 'x\n'],
    [['--remove', 'jim'], ''],
    [[], ''],
    [['jim', 'joe'], ''],
    [['--list', 'jim'], ''],
    [['--what'], ''],
  ] as const) {
    const { exit, stdout, stderr } = await run(home, args, stdin);
    deepStrictEqual([exit, stdout], [100, ''], args.join(' '));
    match(stderr, /^qmail-poppasswd: /);
    deepStrictEqual(readFileSync(`${home}/users/poppasswd`), before);
  }
});

test('a file that is not understood is not replaced', async () => {
  const home = usersHome();
  writeFileSync(`${home}/users/poppasswd`, 'nonsense\n');
  const { exit, stderr } = await run(home, ['joe'], 'secret\n');
  strictEqual(exit, 111);
  match(stderr, /users\/poppasswd: entry 1 is not understood/);
  strictEqual(readFileSync(`${home}/users/poppasswd`, 'latin1'), 'nonsense\n');
});
