import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { createUsers } from '../../src/local/users/index.ts';
import { cdbLines } from '../support/cdb.ts';
import { findProgram, needs } from '../support/foreign.ts';
import { runHere } from '../support/run-here.ts';
import { runProgram } from '../support/run-program.ts';
import { accountsOf, usersHome } from '../support/users.ts';
import { type NamedCase, vectors } from '../support/vectors.ts';

interface Case extends NamedCase {
  readonly assign: string;
}

async function newu(assign: string, home = usersHome()) {
  writeFileSync(`${home}/users/assign`, assign, 'latin1');
  const { exit, stderr } = await runHere(home, 'qmail-newu');
  const cdb = existsSync(`${home}/users/cdb`) ? readFileSync(`${home}/users/cdb`, 'latin1') : undefined;
  return { home, exit, stderr, ...(cdb === undefined ? {} : { cdb }) };
}

vectors<Case>({
  file: 'newu.json',
  async run({ assign }) {
    const { home: _home, ...outcome } = await newu(assign);
    return outcome;
  },
});

const joe = '=joe:joe:503:78:/home/joe:::\n+joe-:joe:503:78:/home/joe:-::\n';

test('a real call, and who is found then', async () => {
  const home = usersHome();
  writeFileSync(`${home}/users/assign`, `${joe}+:alias:7790:2108:/alias:-::\n.\n`);
  const ended = await runProgram({ program: 'qmail-newu', env: { QMAILHOME: home } });
  deepStrictEqual(ended, { exit: 0, stdout: '', stderr: '' });
  deepStrictEqual(readdirSync(`${home}/users`).sort(), ['assign', 'cdb']);
  strictEqual(statSync(`${home}/users/cdb`).mode & 0o777, 0o644);
  const users = createUsers({ home, accounts: accountsOf() });
  const found = await users.find('JOE-List');
  ok(found.ok && found.uid === 503 && found.gid === 78 && found.extension === 'List');
  users.close();
});

test(
  'tinycdb sees the records in the order of the file, and the ends of prefixes behind them',
  needs('cdb'),
  async () => {
    const { home } = await newu(`${joe}+x+:x:1:2:/x:d:p-:behind:that\n+:a:3:4:/a:-::\n.\nand the rest\n`);
    const printed = execFileSync(findProgram('cdb') ?? '', ['-d', `${home}/users/cdb`]);
    deepStrictEqual(
      printed,
      cdbLines([
        ['!joe\0', 'joe\x00503\x0078\0/home/joe\0\0'],
        ['!joe-', 'joe\x00503\x0078\0/home/joe\0-\0'],
        ['!x+', 'x\x001\x002\0/x\0d\0p-'],
        ['!', 'a\x003\x004\0/a\0-\0'],
        ['', '-+'],
      ]),
    );
  },
);

test('any bytes, capitals in lower case, no LF behind the dot', async () => {
  const { cdb, exit } = await newu('=J\xd6E\xff:u:1:2:/h:::\n.');
  strictEqual(exit, 0);
  ok(cdb?.includes('!j\xd6e\xff\0u\x001\x002\0/h\0\0'));
});

test('what is not understood leaves the old database', async () => {
  const { home, cdb } = await newu(`${joe}.\n`);
  const wrong = [
    joe,
    '',
    '\n.\n',
    'joe\n.\n',
    ':joe:1:2:/:::\n.\n',
    '=a\0b:u:1:2:/:::\n.\n',
    '=a:u:1:2:/::\n.\n',
    '=a:u:1:2:/:::',
    `=${'a'.repeat(65_536)}:u:1:2:/:::\n.\n`,
  ];
  for (const assign of wrong) {
    const again = await newu(assign, home);
    deepStrictEqual([again.exit, again.cdb === cdb], [111, true], JSON.stringify(assign.slice(0, 40)));
    match(again.stderr, /^qmail-newu: fatal: (bad format in users\/assign|.*a line has more than)/);
  }
  deepStrictEqual(readdirSync(`${home}/users`).sort(), ['assign', 'cdb']);
});

test('assignments that will not do what they seem to are kept, and named', async () => {
  const lines = [
    '=a:u:x:2:/:::',
    '=b:u:0:2:/:::',
    '=c:u:1:4294967295:/:::',
    '=d:u:1:2:home:::',
    '+E:u:1:2:/:::',
    '=F:u:1:2:/:::',
  ];
  const { exit, stderr } = await newu(`${lines.join('\n')}\n.\n`);
  strictEqual(exit, 0);
  deepStrictEqual(stderr.match(/line \d/g), ['line 1', 'line 2', 'line 3', 'line 4', 'line 5']);
  match(stderr, /^qmail-newu: warning: users\/assign, line 1: its uid is no number/);
});

test('no file, no folder, and calls that make no sense', async () => {
  const home = usersHome();
  const missing = await runHere(home, 'qmail-newu');
  strictEqual(missing.exit, 111);
  match(missing.stderr, /users\/assign/);
  rmSync(`${home}/users`, { recursive: true });
  strictEqual((await runHere(home, 'qmail-newu')).exit, 111);
  mkdirSync(`${home}/users`);
  for (const args of [['x'], ['-x']]) {
    const ended = await runHere(home, 'qmail-newu', ...args);
    strictEqual(ended.exit, 100);
    match(ended.stderr, /usage: qmail-newu/);
  }
});
