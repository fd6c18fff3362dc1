import { notStrictEqual, strictEqual } from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { removeOthers, writeIfChanged } from '../../build/write-if-changed.ts';
import { temporaryDirectory } from '../support/home.ts';

test('a file that is right stays, another is replaced by a new one', () => {
  const directory = temporaryDirectory();
  const path = `${directory}/file`;
  writeIfChanged(path, 'one');
  const { ino } = statSync(path);
  writeIfChanged(path, Buffer.from('one'));
  strictEqual(statSync(path).ino, ino);
  writeIfChanged(path, 'two');
  notStrictEqual(statSync(path).ino, ino);
  strictEqual(readFileSync(path, 'utf8'), 'two');
  strictEqual(readdirSync(directory).length, 1);
});

test('what is no longer made goes, and the rest is not touched', () => {
  const directory = temporaryDirectory();
  for (const name of ['one', 'two', 'three']) writeIfChanged(`${directory}/${name}`, name);
  removeOthers(directory, ['two']);
  strictEqual(readdirSync(directory).join(), 'two');
});
