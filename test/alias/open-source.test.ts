import { strictEqual, throws } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, fstatSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openSource } from '../../src/alias/open-source.ts';
import { temporaryDirectory } from '../support/home.ts';

const directory = temporaryDirectory();

test('a FIFO and a directory are refused at once', () => {
  const fifo = `${directory}/fifo`;
  execFileSync('mkfifo', [fifo]);
  throws(() => openSource(fifo), /fifo is no regular file/);
  throws(() => openSource(directory), /is no regular file/);
  throws(() => openSource(`${directory}/none`), { code: 'ENOENT' });
});

test('a device may stand for a private file, and not for a public one', () => {
  closeSync(openSource('/dev/null'));
  throws(() => openSource('/dev/null', { public: true }), /is no regular file/);
});

test('a public file is readable by everybody', () => {
  const path = `${directory}/list.bin`;
  writeFileSync(path, 'x');
  for (const mode of [0o444, 0o644, 0o755]) {
    chmodSync(path, mode);
    const descriptor = openSource(path, { public: true });
    strictEqual(fstatSync(descriptor).size, 1);
    closeSync(descriptor);
  }
  for (const mode of [0o600, 0o640, 0o604]) {
    chmodSync(path, mode);
    throws(() => openSource(path, { public: true }), { code: 'EACCES' });
    closeSync(openSource(path));
  }
});
