import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openLocked } from '../../../src/system/node/open-locked.ts';
import { holdLock } from '../../support/hold-lock.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { until } from '../../support/until.ts';

const source = fileURLToPath(new URL('../../../src/system/node/open-locked.ts', import.meta.url));

function opened(path: string, timeoutMs = 30_000): number {
  const descriptor = openLocked(path, 0o600, timeoutMs);
  if (descriptor === undefined) throw new Error('it is locked');
  return descriptor;
}

test('the file is made, written at its end, and locked until the descriptor is closed', () => {
  const path = `${temporaryDirectory()}/box`;
  const first = opened(path);
  assert.equal(statSync(path).mode & 0o7777, 0o600);
  writeFileSync(path, 'old ');
  writeSync(first, 'new');
  assert.equal(readFileSync(path, 'latin1'), 'old new');
  assert.equal(openLocked(path, 0o600, 0), undefined);
  closeSync(first);
  closeSync(opened(path, 0));
});

test('a lock that another process holds is waited for, but not longer than asked', async () => {
  const path = `${temporaryDirectory()}/box`;
  const holder = await holdLock(path);
  assert.equal(openLocked(path, 0o600, 0), undefined);
  await holder.release();
  closeSync(opened(path));
});

test('what was replaced while it was waited for is not what is locked in the end', async () => {
  const path = `${temporaryDirectory()}/box`;
  const holder = await holdLock(path);
  const { ino } = statSync(path);
  const script = `
    import { writeSync } from 'node:fs';
    import { openLocked } from ${JSON.stringify(source)};
    writeSync(openLocked(${JSON.stringify(path)}, 0o600, 30_000), 'found');`;
  const waiting = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  await until('the child to wait for the lock', () => {
    const waits = new RegExp(`-> FLOCK .*:${ino} `).test(readFileSync('/proc/locks', 'latin1'));
    return waits ? true : undefined;
  });
  writeFileSync(`${path}.new`, 'replaced, ');
  renameSync(`${path}.new`, path);
  await holder.release();
  assert.deepEqual(await once(waiting, 'exit'), [0, null]);
  assert.equal(readFileSync(path, 'latin1'), 'replaced, found');
});

test('what cannot be opened or locked is an error', () => {
  const directory = temporaryDirectory();
  assert.throws(() => openLocked(`${directory}/none/box`, 0o600, 0), { code: 'ENOENT' });
  mkdirSync(`${directory}/box`);
  assert.throws(() => openLocked(`${directory}/box`, 0o600, 0), { code: 'EISDIR' });
  const path = process.env['PATH'];
  process.env['PATH'] = directory;
  try {
    assert.throws(
      () => openLocked(`${directory}/file`, 0o600, 0),
      /the program flock cannot be run: .*ENOENT/,
    );
  } finally {
    process.env['PATH'] = path;
  }
});
