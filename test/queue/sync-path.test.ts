import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { syncPath } from '../../src/queue/sync-path.ts';
import { temporaryDirectory } from '../support/home.ts';

// That they are on stable storage is seen in test/fault.
test('a file and a directory are synced, without a descriptor left open', () => {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/file`, 'x');
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  syncPath(`${directory}/file`);
  syncPath(directory);
  assert.equal(open(), before);
  assert.throws(() => syncPath(`${directory}/none`), /none/);
});
