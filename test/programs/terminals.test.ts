import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { terminalsOf } from '../../src/programs/terminals.ts';
import { needs } from '../support/foreign.ts';
import { temporaryDirectory } from '../support/home.ts';
import { utmpOf } from '../support/utmp.ts';

test('the terminals of a user, each once, and of nobody else', () => {
  const utmp = utmpOf([
    { user: 'joe', line: 'pts/0' },
    { user: 'joeh', line: 'pts/1' },
    { user: 'joe', line: 'pts/2', type: 8 },
    { user: 'joe', line: 'tty1' },
    { user: 'joe', line: 'pts/0' },
  ]);
  assert.deepEqual(terminalsOf(utmp, 'joe'), ['pts/0', 'tty1']);
  assert.deepEqual(terminalsOf(utmp, 'jo'), []);
  assert.deepEqual(terminalsOf(utmp, ''), []);
});

test('a line that leads elsewhere is no terminal', () => {
  const lines = ['/etc/passwd', '../tmp/x', 'pts/..', ''];
  assert.deepEqual(terminalsOf(utmpOf(lines.map((line) => ({ user: 'joe', line }))), 'joe'), []);
});

test('names may fill their fields, and records may be of the other size', () => {
  const long = 'u'.repeat(32);
  const logins = [{ user: long, line: 'l'.repeat(32) }];
  for (const size of [384, 400]) {
    assert.deepEqual(terminalsOf(utmpOf(logins, size), long, size), ['l'.repeat(32)]);
  }
  assert.deepEqual(terminalsOf(utmpOf(logins), `${long}u`), []);
});

test('what is cut off is no record', () => {
  const utmp = utmpOf([{ user: 'joe', line: 'pts/0' }]);
  assert.deepEqual(terminalsOf(utmp.subarray(0, -1), 'joe'), []);
  assert.deepEqual(terminalsOf(Buffer.alloc(0), 'joe'), []);
});

test('who(1) sees the same in such a file', needs('who'), () => {
  const path = `${temporaryDirectory()}/utmp`;
  writeFileSync(path, utmpOf([{ user: 'joe', line: 'pts/7' }]));
  assert.match(spawnSync('who', [path], { encoding: 'latin1' }).stdout, /^joe +\S? *pts\/7 /);
});
