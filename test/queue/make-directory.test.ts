import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { makeDirectory } from '../../src/queue/make-directory.ts';
import { temporaryDirectory } from '../support/home.ts';

// That the entries are on stable storage is seen in test/fault.
test('missing directories are made, and those that are there are left as they are', () => {
  const top = temporaryDirectory();
  const path = `${top}/a/b/../c`;
  makeDirectory(path);
  assert.ok(statSync(`${top}/a/c`).isDirectory());
  chmodSync(`${top}/a/c`, 0o711);
  makeDirectory(path);
  makeDirectory(`${top}/a/c/d/`);
  assert.equal(statSync(`${top}/a/c`).mode & 0o777, 0o711);
  assert.ok(statSync(`${top}/a/c/d`).isDirectory());
});

test('a directory that cannot be made is named', () => {
  const top = temporaryDirectory();
  mkdirSync(`${top}/a`);
  assert.throws(() => makeDirectory('/dev/null/x'), /\/dev\/null/);
});
