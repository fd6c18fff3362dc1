import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs, {
  closeSync,
  constants,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { type TestContext, test } from 'node:test';
import { bytesOf, type Descriptor, textOf } from '../../../src/system/index.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { temporaryDirectory } from '../../support/home.ts';

const { files } = nodeSystem([]);

function withOpen<Result>(descriptor: Descriptor, use: (descriptor: Descriptor) => Result): Result {
  try {
    return use(descriptor);
  } finally {
    files.close(descriptor);
  }
}

function write(path: string, how: 'create' | 'replace' | 'append', text: string, mode?: number): void {
  withOpen(files.open(path, how, mode), (descriptor) => files.write(descriptor, bytesOf(text)));
}

function readAll(descriptor: Descriptor, readBytes = 3): string {
  const buffer = new Uint8Array(readBytes);
  let text = '';
  for (let count = files.read(descriptor, buffer); count > 0; count = files.read(descriptor, buffer)) {
    text += textOf(buffer, 0, count);
  }
  return text;
}

test('the four ways to open a file', () => {
  const path = `${temporaryDirectory()}/file`;
  assert.throws(() => files.open(path, 'read'), { code: 'ENOENT' });
  write(path, 'create', 'one');
  assert.throws(() => files.open(path, 'create'), { code: 'EEXIST' });
  write(path, 'append', ' two');
  assert.equal(withOpen(files.open(path, 'read'), readAll), 'one two');
  write(path, 'replace', 'three');
  assert.equal(readFileSync(path, 'latin1'), 'three');
  write(`${path}2`, 'append', 'made');
  assert.equal(readFileSync(`${path}2`, 'latin1'), 'made');
});

test('two paths to one file have the same identity, and no other file has it', () => {
  const path = `${temporaryDirectory()}/file`;
  write(path, 'create', 'x');
  write(`${path}2`, 'create', 'x');
  symlinkSync('file', `${path}3`);
  fs.linkSync(path, `${path}4`);
  const [own, ...others] = ['', '2', '3', '4'].map((end) => files.status(`${path}${end}`).identity);
  assert.deepEqual(
    others.map((other) => other === own),
    [false, true, true],
  );
});

test('the last time of a file is the latest of all that the file system keeps', () => {
  const path = `${temporaryDirectory()}/file`;
  const before = Date.now() - 1000;
  write(path, 'create', 'x');
  const future = Math.ceil(Date.now() / 1000) + 3600;
  fs.utimesSync(path, 1, 1);
  assert.equal(files.status(path).modifiedMs, 1000);
  assert.ok(files.status(path).touchedMs >= before);
  fs.utimesSync(path, future, 1);
  assert.equal(files.status(path).touchedMs, future * 1000);
});

test('a file that is made has the mode that was asked for', () => {
  const directory = temporaryDirectory();
  write(`${directory}/secret`, 'create', 'x', 0o600);
  write(`${directory}/plain`, 'create', 'x');
  assert.equal(files.status(`${directory}/secret`).mode, 0o600);
  assert.equal(files.status(`${directory}/plain`).mode, 0o644 & ~process.umask());
});

test('reading and writing at an offset leaves the position alone', () => {
  withOpen(files.openTemporary(), (descriptor) => {
    files.write(descriptor, bytesOf('abc'));
    files.writeAt(descriptor, bytesOf('XYZ'), 5);
    files.write(descriptor, bytesOf('d'));
    const buffer = new Uint8Array(20);
    assert.equal(files.readAt(descriptor, buffer, 0), 8);
    assert.equal(textOf(buffer, 0, 8), 'abcd\0XYZ');
    assert.equal(files.readAt(descriptor, buffer, 6), 2);
    assert.equal(files.readAt(descriptor, buffer, 8), 0);
    assert.equal(files.read(descriptor, buffer), 4, 'the position stands behind the d');
  });
});

test('a temporary file has no name, and lies where $TMPDIR says, or elsewhere when it cannot', (context) => {
  const directory = temporaryDirectory();
  const before = process.env['TMPDIR'];
  context.after(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
  process.env['TMPDIR'] = directory;
  withOpen(files.openTemporary(), (descriptor) => {
    assert.deepEqual(readdirSync(directory), []);
    assert.equal(readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(`${directory}/`), true);
  });
  process.env['TMPDIR'] = `${directory}/missing`;
  withOpen(files.openTemporary(), (descriptor) => files.write(descriptor, bytesOf('x')));
});

/** A FIFO of which this process holds both ends, so that it neither ends nor blocks. */
function fifo(context: TestContext): Descriptor {
  const path = `${temporaryDirectory()}/fifo`;
  execFileSync('mkfifo', [path]);
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  context.after(() => closeSync(descriptor));
  return descriptor;
}

/** Lets `react` run when a call of Node's fails, before the caller learns of it. */
function onFailure(context: TestContext, name: 'readSync' | 'writeSync', react: () => void): string[] {
  const codes: string[] = [];
  const original = fs[name] as (...args: unknown[]) => number;
  context.mock.method(fs, name, (...args: unknown[]) => {
    try {
      return original(...args);
    } catch (error) {
      codes.push((error as NodeJS.ErrnoException).code ?? '');
      react();
      throw error;
    }
  });
  syncBuiltinESMExports();
  context.after(() => {
    context.mock.reset();
    syncBuiltinESMExports();
  });
  return codes;
}

test('a read from a descriptor that somebody made non-blocking waits all the same', (context) => {
  const pipe = fifo(context);
  const codes = onFailure(context, 'readSync', () => {
    if (codes.length === 3) files.write(pipe, bytesOf('late'));
  });
  const buffer = new Uint8Array(10);
  assert.equal(files.read(pipe, buffer), 4);
  assert.equal(textOf(buffer, 0, 4), 'late');
  assert.deepEqual(codes, ['EAGAIN', 'EAGAIN', 'EAGAIN']);
});

test('a write to a full pipe waits until all of it is taken', (context) => {
  const pipe = fifo(context);
  const sent = new Uint8Array(200_000).map((_, index) => index % 251);
  const received: number[] = [];
  const drain = () => {
    const buffer = new Uint8Array(50_000);
    received.push(...buffer.subarray(0, fs.readSync(pipe, buffer)));
  };
  const codes = onFailure(context, 'writeSync', drain);
  files.write(pipe, sent);
  while (received.length < sent.length) drain();
  assert.deepEqual(Uint8Array.from(received), sent);
  assert.equal(new Set(codes).size === 1 && codes[0] === 'EAGAIN', true);
});

test('a call that fails says so with the C library’s name', () => {
  const directory = temporaryDirectory();
  assert.throws(() => files.read(withOpen(files.openTemporary(), Number), new Uint8Array(1)), {
    code: 'EBADF',
  });
  withOpen(openSync('/dev/full', 'w'), (descriptor) => {
    assert.throws(() => files.write(descriptor, bytesOf('x')), { code: 'ENOSPC' });
  });
  assert.throws(() => files.unlink(`${directory}/missing`), { code: 'ENOENT' });
  assert.throws(() => files.list(`${directory}/missing`), { code: 'ENOENT' });
  assert.throws(() => files.makeDirectory(directory, 0o700), { code: 'EEXIST' });
});

test('a name is removed, and a directory synced, while the caller goes on', async () => {
  const directory = temporaryDirectory();
  const name = 'caf\xe9';
  write(`${directory}/${name}`, 'create', 'x');
  await files.unlinkAside(`${directory}/${name}`);
  assert.deepEqual(files.list(directory), []);
  const opened = files.open(directory, 'read');
  await files.syncAside(opened);
  files.close(opened);
  await assert.rejects(files.syncAside(opened), { code: 'EBADF' });
  await assert.rejects(files.unlinkAside(`${directory}/${name}`), { code: 'ENOENT' });
});

test('names are bytes', () => {
  const directory = temporaryDirectory();
  const name = 'caf\xe9 \xff\xc3';
  write(`${directory}/${name}`, 'create', 'x');
  assert.deepEqual(files.list(directory), [name]);
  assert.deepEqual(readdirSync(directory, 'buffer'), [Buffer.from(name, 'latin1')]);
  files.rename(`${directory}/${name}`, `${directory}/\xfe`);
  assert.deepEqual(files.list(directory), ['\xfe']);
  files.makeDirectory(`${directory}/\xe4`, 0o700);
  assert.equal(files.status(`${directory}/\xe4`).kind, 'directory');
  files.unlink(`${directory}/\xfe`);
  assert.deepEqual(files.list(directory), ['\xe4']);
});

test('a status follows symbolic links and knows three kinds', () => {
  const directory = temporaryDirectory();
  write(`${directory}/file`, 'create', 'four');
  symlinkSync('file', `${directory}/link`);
  const status = files.status(`${directory}/link`);
  assert.equal(status.kind, 'file');
  assert.equal(status.sizeBytes, 4);
  assert.equal(status.uid, process.getuid?.());
  assert.equal(Math.abs(status.modifiedMs - Date.now()) < 3_600_000, true);
  assert.equal(files.status(directory).kind, 'directory');
  assert.equal(files.status('/dev/null').kind, 'other');
  symlinkSync('nowhere', `${directory}/dangling`);
  assert.throws(() => files.status(`${directory}/dangling`), { code: 'ENOENT' });
});

test('files and directories can be put on stable storage', () => {
  withOpen(files.openTemporary(), files.sync);
  withOpen(files.open(temporaryDirectory(), 'read'), files.sync);
});

test('a directory is visited name by name, whatever bytes the names have', () => {
  const directory = temporaryDirectory();
  const names = Array.from({ length: 3000 }, (_, index) => `name-${index}`).concat('b\xe9\xff');
  for (const name of names) write(`${directory}/${name}`, 'create', '');
  const found: string[] = [];
  files.visit(directory, (name) => found.push(name));
  assert.deepEqual(found.sort(), [...names].sort());
  assert.throws(() => files.visit(`${directory}/missing`, () => undefined), { code: 'ENOENT' });
});

test('what is free on a disk', () => {
  const free = files.freeBytes(temporaryDirectory());
  assert.equal(Number.isInteger(free) && free > 0, true);
  assert.throws(() => files.freeBytes('/missing/directory'), { code: 'ENOENT' });
});

test('a file is no terminal', () => {
  const directory = temporaryDirectory();
  write(`${directory}/file`, 'create', '');
  assert.equal(
    withOpen(files.open(`${directory}/file`, 'read'), (descriptor) => files.isTerminal(descriptor)),
    false,
  );
});

test('an entry is what the path itself names, and nothing is followed or waited for', () => {
  const directory = temporaryDirectory();
  const path = `${directory}/file`;
  writeFileSync(path, 'text', { mode: 0o640 });
  linkSync(path, `${directory}/second`);
  symlinkSync(path, `${directory}/symbolic`);
  execFileSync('mkfifo', [`${directory}/fifo`]);
  assert.strictEqual(files.status(`${directory}/symbolic`).kind, 'file');
  assert.strictEqual(files.entryStatus(`${directory}/symbolic`).kind, 'other');
  assert.throws(() => files.openEntry(`${directory}/symbolic`), { code: 'ELOOP' });
  const [fifo, { kind }] = files.openEntry(`${directory}/fifo`);
  files.close(fifo);
  assert.strictEqual(kind, 'other');
  const [descriptor, status] = files.openEntry(path);
  assert.strictEqual(files.read(descriptor, new Uint8Array(10)), 4);
  files.close(descriptor);
  assert.strictEqual(status.links, 2);
  assert.strictEqual(status.identity, files.status(path).identity);
  files.setMode(path, 0o1604);
  assert.strictEqual(files.status(path).mode, 0o1604);
});

test('root gives a file away, whatever has its name by then, and its group stays', {
  skip: process.getuid?.() !== 0 && 'needs root',
}, () => {
  const path = `${temporaryDirectory()}/file`;
  const descriptor = files.open(path, 'create', 0o600);
  const moved = `${path}2`;
  files.rename(path, moved);
  writeFileSync(path, '');
  files.setOwner(descriptor, 65_534);
  files.close(descriptor);
  const { uid, gid } = statSync(moved);
  assert.deepStrictEqual([uid, gid, files.status(path).uid], [65_534, process.getgid?.(), 0]);
});
