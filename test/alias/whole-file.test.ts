import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { writeWhole } from '../../src/alias/whole-file.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';

const system = nodeSystem([]);

function place() {
  const directory = temporaryDirectory();
  const file = { path: `${directory}/f\xe9`, temporary: `${directory}/tmp` };
  return { directory, file, read: () => readFileSync(Buffer.from(file.path, 'latin1'), 'latin1') };
}

test('all parts, whatever the umask', () => {
  const { directory, file, read } = place();
  const before = process.umask(0o077);
  writeWhole(system, file, ['a\0', 'x'.repeat(100_000), '\xe9']);
  process.umask(before);
  strictEqual(read(), `a\0${'x'.repeat(100_000)}\xe9`);
  deepStrictEqual(readdirSync(directory, 'latin1'), ['f\xe9']);
  strictEqual(statSync(Buffer.from(file.path, 'latin1')).mode & 0o777, 0o644);
});

test('an error leaves the old file alone and nothing else behind', () => {
  const { directory, file, read } = place();
  writeWhole(system, file, ['old']);
  function* failing() {
    yield 'new';
    throw new Error('enough');
  }
  throws(() => writeWhole(system, file, failing()), /enough/);
  strictEqual(read(), 'old');
  deepStrictEqual(readdirSync(directory).length, 1);
});

test('a symbolic link in the place of the temporary file is not followed', () => {
  const { directory, file, read } = place();
  writeFileSync(`${directory}/other`, 'mine');
  symlinkSync(`${directory}/other`, file.temporary);
  writeWhole(system, file, ['new']);
  strictEqual(readFileSync(`${directory}/other`, 'latin1'), 'mine');
  strictEqual(read(), 'new');
});

test('another writer with the same temporary name is not published half done', () => {
  const { file, read } = place();
  writeWhole(system, file, ['old']);
  function* overtaken() {
    yield 'ours';
    unlinkSync(file.temporary);
    writeFileSync(file.temporary, 'half of thei');
  }
  throws(() => writeWhole(system, file, overtaken()), { code: 'EBUSY' });
  strictEqual(read(), 'old');
  strictEqual(readFileSync(file.temporary, 'latin1'), 'half of thei');
});
