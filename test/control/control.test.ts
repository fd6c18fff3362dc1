import assert from 'node:assert/strict';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { homeDirectory, openControl, parseList, readWhole } from '../../src/control/index.ts';
import type { System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';

const system = nodeSystem([]);

function controlOf(controls: Readonly<Record<string, string>>) {
  return openControl(system, temporaryHome(controls));
}

function withHome(home: string | undefined): System {
  return { ...system, env: (name) => (name === 'QMAILHOME' ? home : system.env(name)) };
}

test('the home is $QMAILHOME, or /var/qmail', () => {
  assert.equal(homeDirectory(withHome('/srv/mail')), '/srv/mail');
  assert.equal(homeDirectory(withHome(undefined)), '/var/qmail');
  assert.equal(homeDirectory(withHome('')), '/var/qmail');
  const home = temporaryHome({ me: 'here\n' });
  const control = openControl(withHome(home));
  assert.equal(control.directory, `${home}/control`);
  assert.equal(control.line('me'), 'here');
});

test('a value is the first line without blanks at its end', () => {
  const lines: readonly (readonly [text: string, value: string])[] = [
    ['me.example\n', 'me.example'],
    ['me.example', 'me.example'],
    ['me.example \t \n', 'me.example'],
    ['one\ntwo\n', 'one'],
    [' leading\n', ' leading'],
    ['cr\r\n', 'cr\r'],
    ['# no comment here\n', '# no comment here'],
    ['a b\n', 'a b'],
    ['\nsecond\n', ''],
    ['\xe9\0\n', '\xe9\0'],
    ['', ''],
    ['  \n', ''],
  ];
  for (const [text, value] of lines)
    assert.equal(controlOf({ x: text }).line('x'), value, JSON.stringify(text));
  assert.equal(controlOf({}).line('x'), undefined);
});

test('a value falls back on control/me, and then on a literal; an empty file is a value', () => {
  assert.equal(controlOf({ x: 'own\n', me: 'me\n' }).lineOrMe('x'), 'own');
  assert.equal(controlOf({ me: 'me\n' }).lineOrMe('x'), 'me');
  assert.equal(controlOf({}).lineOrMe('x'), 'x');
  assert.equal(controlOf({}).lineOrMe('x', 'literal'), 'literal');
  assert.equal(controlOf({ x: '', me: 'me\n' }).lineOrMe('x', 'literal'), '');
});

test('a number is the digits at the beginning; without any, the preset stays', () => {
  const numbers: readonly (readonly [text: string, value: number])[] = [
    ['30\n', 30],
    ['0\n', 0],
    ['007\n', 7],
    ['12abc\n', 12],
    ['12 \n13\n', 12],
    ['abc\n', 5],
    ['-3\n', 5],
    [' 3\n', 5],
    ['', 5],
    ['\n3\n', 5],
    [`${'9'.repeat(30)}\n`, 5],
  ];
  for (const [text, value] of numbers) assert.equal(controlOf({ x: text }).number('x', 5), value, text);
  assert.equal(controlOf({}).number('x', 5), 5);
});

test('a list is every line that says something and is no comment', () => {
  const text = 'one \t\n\n#two\n three\n \t\nfour#\n #five\r\nsix';
  assert.deepEqual(controlOf({ x: text }).list('x'), ['one', ' three', 'four#', ' #five\r', 'six']);
  assert.deepEqual(parseList('#a\n#b'), []);
  assert.deepEqual(controlOf({ x: '' }).list('x'), []);
  assert.equal(controlOf({}).list('x'), undefined);
});

test('files are read anew each time', () => {
  const home = temporaryHome({ x: 'old\n' });
  const control = openControl(system, home);
  assert.equal(control.line('x'), 'old');
  writeFileSync(`${home}/control/x`, 'new\n');
  assert.equal(control.line('x'), 'new');
});

test('a long file is read to its end', () => {
  const entries = Array.from({ length: 20_000 }, (_, index) => `host${index}.example`);
  assert.deepEqual(controlOf({ x: entries.join('\n') }).list('x'), entries);
});

test('what cannot be read is an error that names the file', () => {
  const home = temporaryHome({ me: 'x\n' });
  mkdirSync(`${home}/control/directory`);
  assert.throws(() => openControl(system, home).line('directory'), {
    code: 'EISDIR',
    message: new RegExp(`^unable to read ${home}/control/directory: `),
  });
  assert.throws(() => openControl(system, `${home}/control/me`).list('x'), {
    code: 'ENOTDIR',
    message: new RegExp(`^unable to read ${home}/control/me/control/x: `),
  });
});

test('a file that is too large to be a control file is refused', () => {
  const path = `${temporaryDirectory()}/huge`;
  writeFileSync(path, '');
  truncateSync(path, 16 * 1024 * 1024 + 1);
  assert.throws(() => readWhole(system, path), {
    code: 'EFBIG',
    message: new RegExp(`^unable to read ${path}: `),
  });
});
