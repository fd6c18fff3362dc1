import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import {
  findQmailFile,
  type QmailFile,
  qmailFileBytesMax,
  qmailFileExists,
  qmailFileNames,
} from '../../src/local/qmail-file.ts';
import { temporaryDirectory } from '../support/home.ts';

function found(file: QmailFile): Extract<QmailFile, { state: 'found' }> {
  return file.state === 'found' ? file : assert.fail(file.state);
}

function refusal(file: QmailFile): string {
  return file.state === 'refused' ? `${file.answer.verdict}${file.answer.text}` : assert.fail(file.state);
}

test('.qmail files are looked for from the exact name to the shortest default', () => {
  assert.deepEqual(qmailFileNames('', ''), ['.qmail', '.qmaildefault']);
  assert.deepEqual(qmailFileNames('-', 'Foo.Bar'), ['.qmail-foo:bar', '.qmail-default']);
  assert.deepEqual(qmailFileNames('-', 'a-b-'), [
    '.qmail-a-b-',
    '.qmail-a-b-default',
    '.qmail-a-default',
    '.qmail-default',
  ]);
});

test('the first that is a regular file counts', async () => {
  const home = temporaryDirectory();
  assert.deepEqual(findQmailFile(home, '-', 'a-b'), { state: 'absent' });
  writeFileSync(`${home}/.qmail-default`, '# x\n');
  mkdirSync(`${home}/.qmail-a-b`);
  symlinkSync('nowhere', `${home}/.qmail-a-default`);
  assert.deepEqual(findQmailFile(home, '-', 'a-b'), {
    state: 'found',
    name: '.qmail-default',
    text: '# x\n',
    forwardOnly: false,
    defaultPart: 'a-b',
  });
  writeFileSync(`${home}/real`, 'x@y\n');
  symlinkSync('real', `${home}/.qmail-a`);
  assert.equal(found(findQmailFile(home, '-', 'A')).name, '.qmail-a');

  spawnSync('mkfifo', [`${home}/.qmail-fifo`]);
  assert.equal(found(findQmailFile(home, '-', 'fifo')).name, '.qmail-default', 'a FIFO holds nobody');
  const server = createServer().listen(`${home}/.qmail-socket`);
  await new Promise((resolve) => server.once('listening', resolve));
  assert.equal(found(findQmailFile(home, '-', 'socket')).name, '.qmail-default');
  server.close();
});

test('$DEFAULT is what "default" stands for, as it was written', () => {
  const home = temporaryDirectory();
  writeFileSync(`${home}/.qmail-a-default`, '');
  writeFileSync(`${home}/.qmail-exact`, '');
  const part = (extension: string) => found(findQmailFile(home, '-', extension)).defaultPart;
  assert.equal(part('A-Foo.Bar-Baz'), 'Foo.Bar-Baz');
  assert.equal(part('a-'), '');
  assert.equal(part('A-DeFault'), 'DeFault');
  assert.equal(part('exact'), undefined);
});

test('an extension that no file can have is just not there', () => {
  assert.deepEqual(findQmailFile(temporaryDirectory(), '-', 'x'.repeat(3000)), { state: 'absent' });
  assert.deepEqual(findQmailFile(temporaryDirectory(), '-', '../../etc/passwd'), { state: 'absent' });
});

test('modes: anybody may write, the group may, the owner may execute', () => {
  const home = temporaryDirectory();
  writeFileSync(`${home}/.qmail`, './Mailbox\n');
  chmodSync(`${home}/.qmail`, 0o666);
  assert.match(refusal(findQmailFile(home, '', '')), /^Z.*\(#4\.7\.0\)\n$/);
  chmodSync(`${home}/.qmail`, 0o664);
  assert.equal(found(findQmailFile(home, '', '')).forwardOnly, false);
  chmodSync(`${home}/.qmail`, 0o744);
  assert.equal(found(findQmailFile(home, '', '')).forwardOnly, true);
  chmodSync(`${home}/.qmail`, 0o655);
  assert.equal(
    found(findQmailFile(home, '', '')).forwardOnly,
    false,
    'of the group and others it means nothing',
  );
});

test('a file over the limit defers', () => {
  const home = temporaryDirectory();
  writeFileSync(`${home}/.qmail`, '#');
  truncateSync(`${home}/.qmail`, qmailFileBytesMax);
  assert.equal(found(findQmailFile(home, '', '')).text.length, qmailFileBytesMax);
  truncateSync(`${home}/.qmail`, qmailFileBytesMax + 1);
  assert.match(refusal(findQmailFile(home, '', '')), /^Z.*\.qmail.*\(#4\.3\.0\)\n$/);
});

test('whether a file is there', () => {
  const home = temporaryDirectory();
  writeFileSync(`${home}/.qmail-a:b-owner`, '');
  mkdirSync(`${home}/.qmail-a:b-owner-default`);
  const exists = (extension: string, suffix: string) => qmailFileExists(home, '-', extension, suffix);
  assert.deepEqual(exists('A.b', '-owner'), { ok: true, exists: true });
  assert.deepEqual(exists('A.b', '-owner-default'), { ok: true, exists: true });
  assert.deepEqual(exists('c', '-owner'), { ok: true, exists: false });
  assert.deepEqual(exists('c'.repeat(3000), '-owner'), { ok: true, exists: false });
});

test('what may be there and cannot be read defers', {
  skip: process.getuid?.() === 0 && 'root reads it',
}, () => {
  const home = temporaryDirectory();
  writeFileSync(`${home}/.qmail`, '', { mode: 0 });
  assert.match(refusal(findQmailFile(home, '', '')), /^Z.*\(#4\.3\.0\)\n$/);
});
