import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory } from '../support/home.ts';
import { needsOwnAccounts, runWithPasswd } from '../support/passwd.ts';
import { runProgram } from '../support/run-program.ts';
import { withPlaces } from '../support/vector-pattern.ts';
import { judge, vectorPath } from '../support/vectors.ts';

interface Case {
  readonly prog: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdout: string;
}

/** A system like the one on which the cases were recorded, with a user qtest and the alias user. */
function referenceSystem() {
  const base = temporaryDirectory();
  chmodSync(base, 0o755);
  const places = { '<HOMEQTEST>': `${base}/qtest`, '<QMAIL>': `${base}/qmail` };
  mkdirSync(`${base}/qtest`);
  mkdirSync(`${base}/qmail/alias`, { recursive: true });
  chownSync(`${base}/qtest`, 1001, 1001);
  chownSync(`${base}/qmail/alias`, 999, 994);
  const passwd = [
    'root:x:0:0:root:/root:/bin/bash',
    'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
    'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
    `qtest:x:1001:1001::${base}/qtest:/bin/sh`,
    `alias:x:999:994::${base}/qmail/alias:/bin/true`,
  ];
  return { base, places, passwd: `${passwd.join('\n')}\n` };
}

const path = vectorPath('tools.json');
const skipVectors = existsSync(path) ? needsOwnAccounts().skip : `${path} does not exist`;

test('what qmail-getpw in C prints (tools.json)', { skip: skipVectors }, () => {
  const { places, passwd } = referenceSystem();
  const cases = (JSON.parse(readFileSync(path, 'utf8')) as readonly Case[]).filter(
    ({ prog }) => prog === 'qmail-getpw',
  );
  for (const vector of cases) {
    const expected = withPlaces(vector, places);
    const ended = runWithPasswd(passwd, 'qmail-getpw', expected.argv, expected.env);
    const judged = judge(expected, { ...ended }, {});
    if (judged.judgement !== 'agree') throw judged.error;
  }
  console.log(`tools.json, qmail-getpw: ${cases.length} agree`);
});

const needs = needsOwnAccounts();

test('the accounts of the system', needs, () => {
  const { base, passwd } = referenceSystem();
  const getpw = (local: string) => runWithPasswd(passwd, 'qmail-getpw', [local]);
  const alias = `alias\x00999\x00994\0${base}/qmail/alias\0-\0`;
  const qtest = `qtest\x001001\x001001\0${base}/qtest\0`;
  deepStrictEqual(getpw('QTest'), { exit: 0, stdout: `${qtest}\0\0`, stderr: '' });
  for (const local of ['root', 'nobody', '--', '', '1001']) {
    deepStrictEqual(getpw(local), { exit: 0, stdout: `${alias}${local}\0`, stderr: '' }, local);
  }
});

test('a missing home, and a missing alias user', needs, () => {
  const { base, passwd } = referenceSystem();
  const missing = runWithPasswd(`joe:x:503:78::${base}/joe:/bin/sh\n${passwd}`, 'qmail-getpw', ['joe-x']);
  strictEqual(missing.exit, 115);
  strictEqual(missing.stdout, '');
  match(missing.stderr, /^qmail-getpw: The home directory of joe is missing/);
  const lonely = runWithPasswd('root:x:0:0::/root:/bin/sh\n', 'qmail-getpw', ['joe']);
  strictEqual(lonely.exit, 116);
  strictEqual(lonely.stdout, '');
});

test('a getent that fails', async () => {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/getent`, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const ended = await runProgram({
    program: 'qmail-getpw',
    args: ['joe'],
    env: { PATH: `${directory}:/usr/bin:/bin` },
  });
  strictEqual(ended.exit, 118);
  strictEqual(ended.stdout, '');
  match(ended.stderr, /getent/);
});

test('a call without an address', async () => {
  const ended = await runProgram({ program: 'qmail-getpw' });
  strictEqual(ended.exit, 100);
  match(ended.stderr, /usage: qmail-getpw LOCAL/);
});
