import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openLocked } from '../../src/tiny/open-locked.ts';
import { errno, fakeHost } from '../support/fake-host.ts';
import { holdLock } from '../support/hold-lock.ts';
import { temporaryDirectory } from '../support/home.ts';
import { openTinyBody, tinyMissing } from '../support/tiny-body.ts';

const longMs = 30_000;

test('the file is made, written at its end, and locked until the descriptor is closed', {
  skip: tinyMissing,
}, async (context) => {
  const { call } = await openTinyBody(context);
  const path = `${temporaryDirectory()}/box`;
  const first = call('openLocked', path, 0o600, longMs);
  strictEqual(statSync(path).mode & 0o7777, 0o600);
  writeFileSync(path, 'old ');
  call('write', first, 'new');
  strictEqual(readFileSync(path, 'latin1'), 'old new');
  strictEqual(call('openLocked', path, 0o600, 0), undefined);
  call('close', first);
  call('close', call('openLocked', path, 0o600, 0));
});

test('a lock dies with its process', { skip: tinyMissing }, async (context) => {
  const [one, other] = [await openTinyBody(context), await openTinyBody(context)];
  const path = `${temporaryDirectory()}/lock`;
  one.call('openLocked', path, 0o600, longMs);
  strictEqual(other.call('openLocked', path, 0o600, 0), undefined);
  one.process.kill('SIGKILL');
  strictEqual(typeof (await other.start('openLocked', path, 0o600, longMs)), 'number');
});

test('what was replaced while it was waited for is not what is locked in the end', {
  skip: tinyMissing,
}, async (context) => {
  const { call, start } = await openTinyBody(context);
  const path = `${temporaryDirectory()}/box`;
  const holder = await holdLock(path);
  const waiting = start('openLocked', path, 0o600, longMs);
  writeFileSync(`${path}.new`, 'replaced, ');
  renameSync(`${path}.new`, path);
  await holder.release();
  call('write', await waiting, 'found');
  strictEqual(readFileSync(path, 'latin1'), 'replaced, found');
});

test('it is asked until the time is over', () => {
  let ms = 0;
  const pass = (_descriptor: number, _what: number, timeoutMs: number) => {
    ms += timeoutMs;
    return 0;
  };
  const { host, called } = fakeHost({
    open: [3],
    lock: [-(errno['EAGAIN'] ?? 0)],
    monotonic: [() => ms],
    poll: [pass],
    close: [0],
  });
  strictEqual(openLocked(host, '/x', 0o600, 50), undefined);
  deepStrictEqual([ms, called.at(-1)], [50, ['close', 3]]);
});

test('what cannot be opened is an error', { skip: tinyMissing }, async (context) => {
  const { call } = await openTinyBody(context);
  const directory = temporaryDirectory();
  throws(() => call('openLocked', `${directory}/none/box`, 0o600, 0), { code: 'ENOENT' });
  mkdirSync(`${directory}/box`);
  throws(() => call('openLocked', `${directory}/box`, 0o600, 0), { code: 'EISDIR' });
});
