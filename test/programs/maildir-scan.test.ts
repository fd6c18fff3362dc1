import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { cleanMaildir, scanMaildir } from '../../src/programs/maildir-scan.ts';
import type { System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { arrivalSeconds, makeMaildir } from '../support/maildir.ts';

const hourMs = 3_600_000;

function systemAt(nowMs: number): System {
  return { ...nodeSystem([]), now: () => nowMs };
}

test('the oldest message comes first, and by its name among those of one second', () => {
  const maildir = makeMaildir();
  maildir.put('new/b', '', 20);
  maildir.put('new/a', '', 20.5);
  maildir.put('cur/z:2,S', '', 10);
  maildir.put('new/c', '', 15);
  const names = (...parts: readonly ('new' | 'cur')[]) =>
    scanMaildir(systemAt(hourMs), maildir.path, parts).map(({ name }) => name);
  assert.deepEqual(names('new', 'cur'), ['cur/z:2,S', 'new/c', 'new/a', 'new/b']);
  assert.deepEqual(names('new'), ['new/c', 'new/a', 'new/b']);
});

test('where a message is, and when it came', () => {
  const maildir = makeMaildir();
  maildir.put('new/1.2.caf\xe9', '');
  const [file] = scanMaildir(systemAt(Date.now()), maildir.path, ['new']);
  assert.ok(file?.name.startsWith('new/1.2.caf'));
  assert.equal(file?.path, `${maildir.path}/${file?.name}`);
  assert.equal(file?.modifiedMs, arrivalSeconds * 1000);
});

test('what is no message is passed over: dots, directories, lost links, what comes this second', () => {
  const maildir = makeMaildir();
  maildir.put('new/.hidden', '', 1);
  mkdirSync(`${maildir.path}/new/directory`);
  symlinkSync('/nonexistent', `${maildir.path}/new/link`);
  maildir.put('new/now', '', 100.2);
  maildir.put('new/before', '', 99.9);
  const found = scanMaildir(systemAt(100_900), maildir.path, ['new']);
  assert.deepEqual(
    found.map(({ name }) => name),
    ['new/before'],
  );
});

test('what is no Maildir is an error', () => {
  assert.throws(() => scanMaildir(systemAt(0), '/nonexistent', ['new']), { code: 'ENOENT' });
});

test('only what nobody has touched for 36 hours is removed, and only under tmp', () => {
  const maildir = makeMaildir();
  maildir.put('tmp/left', '', 1);
  maildir.put('tmp/.left', '', 1);
  maildir.put('new/old', '', 1);
  const exist = () =>
    ['tmp/left', 'tmp/.left', 'new/old'].map((name) => existsSync(`${maildir.path}/${name}`));
  // The times of content are old, but the file was made just now.
  cleanMaildir(systemAt(Date.now() + 35 * hourMs), maildir.path);
  assert.deepEqual(exist(), [true, true, true]);
  cleanMaildir(systemAt(Date.now() + 37 * hourMs), maildir.path);
  assert.deepEqual(exist(), [false, true, true]);
  cleanMaildir(systemAt(0), '/nonexistent');
});
