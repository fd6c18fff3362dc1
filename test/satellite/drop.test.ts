import { deepStrictEqual, match, strictEqual, throws } from 'node:assert/strict';
import { chmodSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { formatPackage } from '../../qmqp/index.ts';
import { dropCompleteMode, dropDirectoryMode, isDropName, leavePackage } from '../../src/satellite/drop.ts';
import { bytesOf, SystemError } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { qmqpRequest } from '../support/qmqp-peer.ts';

const system = nodeSystem([]);
const body = bytesOf('Subject: x\n\nbody\n');
const pack = formatPackage(
  { sizeBytes: body.length, chunks: () => [body] },
  { sender: 's@x', recipients: ['r@y'] },
);
const request = qmqpRequest('Subject: x\n\nbody\n', 's@x', 'r@y');

test('a message is left as a file of the wire’s bytes, readable, under a name that nobody guesses', () => {
  const directory = temporaryDirectory();
  chmodSync(directory, dropDirectoryMode);
  const umask = process.umask(0o077);
  try {
    leavePackage(system, directory, 0, pack);
    leavePackage(system, directory, 0, pack);
  } finally {
    process.umask(umask);
  }
  const names = readdirSync(directory);
  strictEqual(new Set(names).size, 2);
  for (const name of names) {
    match(name, /^drop\.[0-9a-f]{32}$/);
    strictEqual(isDropName(name), true);
    const { mode } = lstatSync(`${directory}/${name}`);
    strictEqual(mode & 0o7777, dropCompleteMode);
    strictEqual(readFileSync(`${directory}/${name}`, 'latin1'), request);
  }
});

test('it is on the disk before it is complete, and its completion is, too', () => {
  const directory = temporaryDirectory();
  const calls: string[] = [];
  const { files } = system;
  leavePackage(
    {
      ...system,
      files: {
        ...files,
        sync(descriptor) {
          calls.push('sync');
          files.sync(descriptor);
        },
        setMode(path, mode) {
          calls.push(`mode ${mode.toString(8)}`);
          files.setMode(path, mode);
        },
      },
    },
    directory,
    0,
    pack,
  );
  deepStrictEqual(calls, ['sync', 'mode 444', 'sync']);
});

test('nothing is left of a message that could not be written, or that would fill the disk', () => {
  const directory = temporaryDirectory();
  const { files } = system;
  for (const step of ['write', 'sync', 'setMode'] as const) {
    const broken = {
      ...files,
      [step]: () => {
        throw new SystemError('ENOSPC', `no room to ${step}`);
      },
    };
    throws(() => leavePackage({ ...system, files: broken }, directory, 0, pack), /no room to/);
    deepStrictEqual(readdirSync(directory), []);
  }
  throws(() => leavePackage(system, directory, Number.MAX_SAFE_INTEGER, pack), {
    code: 'ENOSPC',
    message: /the disk of .* is full/,
  });
  throws(() => leavePackage(system, `${directory}/missing`, 0, pack), { code: 'ENOENT' });
});

test('other names are none of a message', () => {
  for (const name of ['', 'drop.', 'drop.x', `drop.${'0'.repeat(31)}g`, `drop.${'0'.repeat(33)}`, 'lock']) {
    strictEqual(isDropName(name), false, name);
  }
});
