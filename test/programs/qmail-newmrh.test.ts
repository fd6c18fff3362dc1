import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openCdb } from '../../src/cdb/index.ts';
import { textOf } from '../../src/system/index.ts';
import { cdbLines } from '../support/cdb.ts';
import { findProgram, needs } from '../support/foreign.ts';
import { temporaryHome } from '../support/home.ts';
import { runHere } from '../support/run-here.ts';
import { runProgram } from '../support/run-program.ts';
import { type NamedCase, vectors } from '../support/vectors.ts';

interface Case extends NamedCase {
  readonly morercpthosts: string;
}

async function newmrh(morercpthosts: string) {
  const home = temporaryHome({ morercpthosts });
  const { exit, stderr } = await runHere(home, 'qmail-newmrh');
  const path = `${home}/control/morercpthosts.cdb`;
  const cdb = existsSync(path) ? readFileSync(path, 'latin1') : undefined;
  return { path, outcome: { exit, stderr, ...(cdb === undefined ? {} : { cdb }) } };
}

vectors<Case>({
  file: 'newmrh.json',
  run: async ({ morercpthosts }) => (await newmrh(morercpthosts)).outcome,
});

test('a real call', async () => {
  const home = temporaryHome({ morercpthosts: 'Example.ORG\n.example.org' });
  const ended = await runProgram({ program: 'qmail-newmrh', env: { QMAILHOME: home } });
  deepStrictEqual(ended, { exit: 0, stdout: '', stderr: '' });
  deepStrictEqual(readdirSync(`${home}/control`).sort(), ['morercpthosts', 'morercpthosts.cdb']);
  strictEqual(statSync(`${home}/control/morercpthosts.cdb`).mode & 0o777, 0o644);
  const cdb = openCdb(`${home}/control/morercpthosts.cdb`);
  deepStrictEqual(
    [...cdb.records()].map(({ key, data }) => [textOf(key), textOf(data)]),
    [
      ['example.org', ''],
      ['.example.org', ''],
    ],
  );
  cdb.close();
});

test(
  'blanks at the end, empty lines and comments mean nothing; everything else does',
  needs('cdb'),
  async () => {
    const { path } = await newmrh('a \t \n\n \t\n#b\n #c\n d\n\xd6\r\na\na\0B\nlast\t');
    const keys = ['a', ' #c', ' d', '\xd6\r', 'a', 'a\0b', 'last'];
    const printed = execFileSync(findProgram('cdb') ?? '', ['-d', path]);
    deepStrictEqual(printed, cdbLines(keys.map((key) => [key, ''] as const)));
  },
);

test('an empty file makes an empty database, and a missing one leaves the old', async () => {
  const { path, outcome } = await newmrh('');
  deepStrictEqual([outcome.exit, statSync(path).size], [0, 2048]);
  const home = temporaryHome({});
  writeFileSync(`${home}/control/morercpthosts.cdb`, 'old');
  const ended = await runHere(home, 'qmail-newmrh');
  strictEqual(ended.exit, 111);
  match(ended.stderr, /^qmail-newmrh: fatal: .*morercpthosts/);
  strictEqual(readFileSync(`${home}/control/morercpthosts.cdb`, 'utf8'), 'old');
});

test('calls that make no sense', async () => {
  for (const args of [['x'], ['-x']]) {
    const ended = await runHere(temporaryHome({}), 'qmail-newmrh', ...args);
    strictEqual(ended.exit, 100);
    match(ended.stderr, /usage: qmail-newmrh/);
  }
});
