/** src/tiny/files.ts, and what it is made of: checked.ts, descriptor-bytes.ts, status.ts. */
import { deepStrictEqual, match, ok, strictEqual, throws } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  constants,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FileStatus } from '../../src/system/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { openTinyBody, type TinyBody, tinyMissing } from '../support/tiny-body.ts';

function write({ call }: TinyBody, path: string, how: string, text: string, mode?: number): void {
  const descriptor = call('open', path, how, ...(mode === undefined ? [] : [mode]));
  call('write', descriptor, text);
  call('close', descriptor);
}

function status({ call }: TinyBody, path: string): FileStatus {
  return call('status', path) as FileStatus;
}

test('the four ways to open a file', { skip: tinyMissing }, async (context) => {
  const body = await openTinyBody(context);
  const path = `${temporaryDirectory()}/file`;
  throws(() => body.call('open', path, 'read'), { code: 'ENOENT', message: /no such file.*open '.*file'/i });
  write(body, path, 'create', 'one');
  throws(() => body.call('open', path, 'create'), { code: 'EEXIST' });
  write(body, path, 'append', ' two');
  const descriptor = body.call('open', path, 'read');
  deepStrictEqual(body.call('read', descriptor, 4), { bytes: 'one ' });
  deepStrictEqual(body.call('read', descriptor, 100), { bytes: 'two' });
  deepStrictEqual(body.call('read', descriptor, 100), { bytes: '' });
  write(body, path, 'replace', 'three');
  strictEqual(readFileSync(path, 'latin1'), 'three');
  write(body, `${path}2`, 'append', 'made');
  strictEqual(readFileSync(`${path}2`, 'latin1'), 'made');
});

test('what is opened is not inherited', { skip: tinyMissing }, async (context) => {
  const body = await openTinyBody(context);
  const descriptor = body.call('open', '/dev/null', 'read');
  const flags = readFileSync(`/proc/${body.process.pid}/fdinfo/${descriptor}`, 'latin1');
  ok(Number.parseInt(/flags:\s*(\d+)/.exec(flags)?.[1] ?? '0', 8) & 0o2000000, flags);
});

test('what a file is', { skip: tinyMissing }, async (context) => {
  const body = await openTinyBody(context);
  const directory = temporaryDirectory();
  const path = `${directory}/file`;
  write(body, path, 'create', 'abc', 0o600);
  linkSync(path, `${path}2`);
  symlinkSync('file', `${path}3`);
  const future = Math.ceil(Date.now() / 1000) + 3600;
  utimesSync(path, future, 1);
  const found = status(body, path);
  const { identity, ...rest } = found;
  const uid = process.getuid?.() ?? 0;
  const expected = { kind: 'file', sizeBytes: 3, mode: 0o600, uid, links: 2, modifiedMs: 1000 };
  deepStrictEqual(rest, { ...expected, touchedMs: future * 1000 });
  deepStrictEqual(
    ['2', '3'].map((end) => status(body, `${path}${end}`).identity),
    [identity, identity],
  );
  strictEqual((body.call('entryStatus', `${path}3`) as FileStatus).kind, 'other');
  strictEqual(status(body, directory).kind, 'directory');
  body.call('setMode', path, 0o4755);
  strictEqual(statSync(path).mode & 0o7777, 0o4755);
});

const rootMissing = process.getuid?.() !== 0 && 'needs root';

test('root gives a file away, and its group stays', { skip: tinyMissing || rootMissing }, async (context) => {
  const { call } = await openTinyBody(context);
  const path = `${temporaryDirectory()}/file`;
  const descriptor = call('open', path, 'create', 0o600);
  call('setOwner', descriptor, 65_534);
  const { uid, gid } = statSync(path);
  deepStrictEqual([uid, gid], [65_534, process.getgid?.()]);
});

test('reading and writing at an offset leaves the position alone', { skip: tinyMissing }, async (context) => {
  const { call } = await openTinyBody(context);
  const descriptor = call('openTemporary');
  call('write', descriptor, 'abc');
  call('writeAt', descriptor, 'XYZ', 5);
  call('write', descriptor, 'd');
  deepStrictEqual(call('readAt', descriptor, 20, 0), { bytes: 'abcd\0XYZ' });
  deepStrictEqual(call('readAt', descriptor, 20, 8), { bytes: '' });
  call('sync', descriptor);
});

test('offsets beyond 4 GB', { skip: tinyMissing }, async (context) => {
  const { call } = await openTinyBody(context);
  const descriptor = call('openTemporary');
  const offset = 5 * 2 ** 30;
  call('writeAt', descriptor, 'far', offset);
  deepStrictEqual(call('readAt', descriptor, 9, offset + 1), { bytes: 'ar' });
});

test('names are bytes', { skip: tinyMissing }, async (context) => {
  const body = await openTinyBody(context);
  const directory = temporaryDirectory();
  const name = 'caf\xe9 \xff\xc3';
  write(body, `${directory}/${name}`, 'create', 'x');
  deepStrictEqual(body.call('list', directory), [name]);
  deepStrictEqual(readdirSync(directory, 'buffer'), [Buffer.from(name, 'latin1')]);
  body.call('rename', `${directory}/${name}`, `${directory}/\xfe`);
  deepStrictEqual(body.call('visit', directory), ['\xfe']);
  body.call('makeDirectory', `${directory}/\xe4`, 0o700);
  body.call('unlink', `${directory}/\xfe`);
  deepStrictEqual(body.call('list', directory), ['\xe4']);
});

test('errors have the names of the C library', { skip: tinyMissing }, async (context) => {
  const { call } = await openTinyBody(context);
  const directory = temporaryDirectory();
  const code = (run: () => unknown): string => {
    try {
      run();
      return '';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const full = call('open', '/dev/full', 'append');
  const closed = call('openTemporary');
  call('close', closed);
  deepStrictEqual(
    [
      code(() => call('write', full, 'x')),
      code(() => call('read', closed, 1)),
      code(() => call('close', closed)),
      code(() => call('list', `${directory}/none`)),
      code(() => call('makeDirectory', directory, 0o700)),
      code(() => call('unlink', directory)),
      code(() => call('status', `${directory}/${'n'.repeat(300)}`)),
      code(() => call('status', 'n'.repeat(5000))),
      code(() => call('status', '')),
      code(() => call('status', 'a\0b')),
      code(() => call('rename', 'caf\u0101', 'x')),
      code(() => call('freeBytes', `${directory}/none`)),
    ],
    [
      'ENOSPC',
      'EBADF',
      'EBADF',
      'ENOENT',
      'EEXIST',
      'EISDIR',
      'ENAMETOOLONG',
      'ENAMETOOLONG',
      'ENOENT',
      'EINVAL',
      'EILSEQ',
      'ENOENT',
    ],
  );
});

test('an entry that somebody else made is opened without a symbolic link and without waiting', {
  skip: tinyMissing,
}, async (context) => {
  const { call } = await openTinyBody(context);
  const directory = temporaryDirectory();
  execFileSync('mkfifo', [join(directory, 'fifo')]);
  symlinkSync('/etc/passwd', join(directory, 'link'));
  const [descriptor, found] = call('openEntry', join(directory, 'fifo')) as [number, FileStatus];
  strictEqual(found.kind, 'other');
  call('close', descriptor);
  throws(() => call('openEntry', join(directory, 'link')), { code: 'ELOOP' });
});

test('a descriptor that does not wait is waited for all the same', { skip: tinyMissing }, async (context) => {
  const path = join(temporaryDirectory(), 'fifo');
  execFileSync('mkfifo', [path]);
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const body = await openTinyBody(context, { stdio: [pipe, 'inherit', 'inherit'] });
  const reading = body.start('read', 0, 100);
  execFileSync('sh', ['-c', `printf late >'${path}'`]);
  deepStrictEqual(await reading, { bytes: 'late' });
  const writing = body.start('write', 0, 'x'.repeat(200_000));
  const read = Number(execFileSync('sh', ['-c', `head -c 200000 '${path}' | wc -c`], { encoding: 'latin1' }));
  await writing;
  strictEqual(read, 200_000);
});

test('room on a disk, and who looks', { skip: tinyMissing }, async (context) => {
  const { call } = await openTinyBody(context);
  ok((call('freeBytes', '/') as number) > 0);
  strictEqual(call('isTerminal', call('openTemporary')), false);
  match(String(call('random', 300)), /object/);
});
