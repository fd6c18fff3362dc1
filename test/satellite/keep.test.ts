import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { formatPackage } from '../../qmqp/index.ts';
import { parseSpoolName } from '../../src/satellite/entry-name.ts';
import { keepPackage } from '../../src/satellite/keep.ts';
import type { SpoolSettings } from '../../src/satellite/spool-settings.ts';
import { readTally } from '../../src/satellite/tally.ts';
import { bytesOf, type Files, type System, SystemError } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';

const real = nodeSystem([]);

function packageOf(text: string) {
  return formatPackage(
    { sizeBytes: text.length, chunks: () => [bytesOf(text)] },
    { sender: 's@x', recipients: ['r@y'] },
  );
}

function settings(own: Partial<SpoolSettings> = {}): SpoolSettings {
  const directory = `${temporaryDirectory()}/spool`;
  return {
    directory,
    bytesMax: 10_000_000,
    messagesMax: 1000,
    freeBytes: 0,
    lifetimeMs: 1000,
    patienceMs: 1000,
    ...own,
  };
}

/** The system with some of its calls on files replaced. */
function withFiles(own: Partial<Files>): System {
  return { ...real, files: { ...real.files, ...own } };
}

function names(spool: SpoolSettings): readonly string[] {
  return readdirSync(`${spool.directory}/queue`);
}

test('what is in the spool is what would be on the wire', () => {
  const spool = settings();
  keepPackage(real, spool, packageOf('body'), ['192.0.2.1:628']);
  const [name = ''] = names(spool);
  const path = `${spool.directory}/queue/${name}`;
  strictEqual(readFileSync(path, 'latin1'), '19:4:body,3:s@x,3:r@y,,');
  strictEqual(statSync(path).mode & 0o777, 0o600);
  const found = parseSpoolName(name);
  ok(found.kind === 'entry');
  const { sizeBytes, tries, unknownAt, claim, arrivedMs } = found.entry;
  deepStrictEqual([sizeBytes, tries, unknownAt, claim], [23, 0, ['192.0.2.1:628'], undefined]);
  ok(Math.abs(arrivedMs - Date.now()) < 60_000);
  deepStrictEqual(readTally(real, spool.directory), { messages: 1, bytes: 4096 });
});

test('half-written spool files seen by a reader: it is on the disk before it has its name, and the name before success is reported', () => {
  const spool = settings();
  keepPackage(real, spool, packageOf('first'));
  const calls: string[] = [];
  const opened = new Map<number, string>();
  const system = withFiles({
    open(path, how, mode) {
      const descriptor = real.files.open(path, how, mode);
      opened.set(descriptor, path.startsWith(`${spool.directory}/queue/tmp.`) ? 'file' : path);
      return descriptor;
    },
    write(descriptor, bytes) {
      calls.push(`write ${opened.get(descriptor)}`);
      real.files.write(descriptor, bytes);
    },
    sync(descriptor) {
      calls.push(`sync ${opened.get(descriptor)}`);
      real.files.sync(descriptor);
    },
    rename(from, to) {
      calls.push('rename');
      real.files.rename(from, to);
    },
  });
  keepPackage(system, spool, packageOf('second'));
  deepStrictEqual(calls.slice(0, 4), ['write file', 'sync file', 'rename', `sync ${spool.directory}/queue`]);
});

test('each limit is reached at its number, and says so', () => {
  const few = settings({ messagesMax: 2 });
  keepPackage(real, few, packageOf('1'));
  keepPackage(real, few, packageOf('2'));
  throws(() => keepPackage(real, few, packageOf('3')), {
    code: 'EDQUOT',
    message: /spool is full: it holds 2 messages, and control\/spoolmessages allows 2$/,
  });
  strictEqual(names(few).length, 2);

  const small = settings({ bytesMax: 10_000 });
  keepPackage(real, small, packageOf('x'.repeat(5000)));
  throws(() => keepPackage(real, small, packageOf('x'.repeat(5000))), /control\/spoolbytes allows 10000$/);
  keepPackage(real, small, packageOf('x'.repeat(1000)));
  strictEqual(names(small).length, 2);

  const tight = settings({ freeBytes: 1e15 });
  throws(() => keepPackage(real, tight, packageOf('x')), {
    code: 'ENOSPC',
    message:
      /disk of the spool .* is full: \d+ bytes are free, and control\/spoolfree leaves 1000000000000000$/,
  });
  deepStrictEqual(names(tight), []);
});

test('a tally that says too much is counted again before anything is refused', () => {
  const spool = settings({ messagesMax: 2 });
  keepPackage(real, spool, packageOf('1'));
  writeFileSync(`${spool.directory}/tally/messages`, 'many');
  keepPackage(real, spool, packageOf('2'));
  strictEqual(readTally(real, spool.directory)?.messages, 2);
});

test('a disk that fails leaves nothing behind', () => {
  const spool = settings();
  keepPackage(real, spool, packageOf('1'));
  const fail = () => {
    throw new SystemError('EIO', 'input/output error');
  };
  for (const own of [{ write: fail }, { rename: fail }]) {
    throws(() => keepPackage(withFiles(own), spool, packageOf('2')), {
      code: 'EIO',
      message: /^unable to write to the spool .*: input\/output error$/,
    });
    strictEqual(names(spool).length, 1);
  }
});

test('a spool that cannot be made or written to is named', () => {
  throws(
    () => keepPackage(real, settings({ directory: '/missing/spool' }), packageOf('1')),
    /ENOENT.*\/missing\/spool/,
  );
  const file = `${temporaryDirectory()}/file`;
  writeFileSync(file, '');
  throws(() => keepPackage(real, settings({ directory: file }), packageOf('1')), /ENOTDIR/);
});

test('a tally that cannot be written loses no message', () => {
  const spool = settings();
  mkdirSync(spool.directory);
  for (const name of ['queue', 'failed', 'hubs', 'tally']) mkdirSync(`${spool.directory}/${name}`);
  mkdirSync(`${spool.directory}/tally/blocks`);
  keepPackage(real, spool, packageOf('1'));
  keepPackage(real, spool, packageOf('22'));
  strictEqual(names(spool).length, 2);
});
