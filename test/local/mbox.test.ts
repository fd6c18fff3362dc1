import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { deliverToMbox } from '../../src/local/mbox.ts';
import type { MessageBody } from '../../src/mail/index.ts';
import { bytesOf } from '../../src/system/index.ts';
import { holdLock } from '../support/hold-lock.ts';
import { temporaryDirectory } from '../support/home.ts';
import { brokenBody, largeBody, messageBody } from '../support/message-body.ts';
import { mountTmpfs, tmpfsMissing } from '../support/tmpfs.ts';
import { until } from '../support/until.ts';

const head = 'From a@b date\nReturn-Path: <a@b>\n';

function deliver(path: string, body: MessageBody) {
  return deliverToMbox(path, './Mailbox', bytesOf(head), body);
}

function textIn(path: string): string {
  return readFileSync(path, 'latin1');
}

test('a message is appended as mboxrd has it, to a file for its owner only', async () => {
  const path = `${temporaryDirectory()}/Mailbox`;
  assert.equal(await deliver(path, messageBody('S: x\n\nFrom here\npartial\0\xff', [3])), undefined);
  assert.equal(textIn(path), `${head}S: x\n\n>From here\npartial\0\xff\n\n`);
  assert.equal(statSync(path).mode & 0o7777, 0o600);
  assert.equal(await deliver(path, messageBody('second\n')), undefined);
  assert.equal(textIn(path), `${head}S: x\n\n>From here\npartial\0\xff\n\n${head}second\n\n`);
});

test('messages that arrive together stand one after the other', async () => {
  const path = `${temporaryDirectory()}/Mailbox`;
  const bodies = Array.from({ length: 30 }, (_, index) => `message ${index}\n${'x\n'.repeat(index)}`);
  const failures = await Promise.all(bodies.map((body) => deliver(path, messageBody(body, [5]))));
  assert.deepEqual(
    failures,
    bodies.map(() => undefined),
  );
  assert.equal(textIn(path), bodies.map((body) => `${head}${body}\n`).join(''));
});

test('a message that cannot be read to its end is taken back, those beside it stay', async () => {
  const path = `${temporaryDirectory()}/Mailbox`;
  writeFileSync(path, 'before\n\n');
  const bodies = [messageBody('one\n'), brokenBody('two\n', 100), messageBody('three\n')];
  const [one, two, three] = await Promise.all(bodies.map((body) => deliver(path, body)));
  assert.equal(one, undefined);
  assert.match(two?.text ?? '', /\.\/Mailbox.*the store has lost the rest.*\(#4\.3\.0\)\n$/);
  assert.equal(three, undefined);
  assert.equal(textIn(path), `before\n\n${head}one\n\n${head}three\n\n`);
});

test('what a crash has cut off within a line does not hide the next message', async () => {
  const path = `${temporaryDirectory()}/Mailbox`;
  writeFileSync(path, 'From a@b date\ncut o');
  assert.equal(await deliver(path, messageBody('one\n')), undefined);
  assert.equal(await deliver(path, messageBody('two\n')), undefined);
  assert.equal(textIn(path), `From a@b date\ncut o\n\n${head}one\n\n${head}two\n\n`);
});

test('what a crash has cut off stays as it is when nothing can be delivered', async () => {
  const path = `${temporaryDirectory()}/Mailbox`;
  writeFileSync(path, 'cut o');
  assert.equal((await deliver(path, brokenBody('two\n', 100)))?.verdict, 'Z');
  assert.equal(await deliver(path, messageBody('one\n')), undefined);
  assert.equal(textIn(path), `cut o\n\n${head}one\n\n`);
});

test('nothing is written while another program has the lock', async () => {
  const path = `${temporaryDirectory()}/Mailbox`;
  const holder = await holdLock(path);
  const deliveries = Promise.all([deliver(path, messageBody('one\n')), deliver(path, messageBody('two\n'))]);
  const other = `${temporaryDirectory()}/Mailbox`;
  assert.equal(await deliver(other, messageBody('elsewhere\n')), undefined);
  assert.equal(textIn(path), '');
  await holder.release();
  assert.deepEqual(await deliveries, [undefined, undefined]);
  assert.equal(textIn(path), `${head}one\n\n${head}two\n\n`);
});

test('what has taken the place of the file while it was locked is what is delivered to', async () => {
  const path = `${temporaryDirectory()}/Mailbox`;
  for (const replace of [() => renameSync(`${path}.new`, path), () => rmSync(path)]) {
    writeFileSync(path, 'old\n');
    writeFileSync(`${path}.new`, 'new\n');
    const holder = await holdLock(path);
    const { ino } = statSync(path);
    const delivered = deliver(path, messageBody('x\n'));
    await until('the delivery to wait for the lock', () =>
      new RegExp(`-> FLOCK .*:${ino} `).test(readFileSync('/proc/locks', 'latin1')) ? true : undefined,
    );
    replace();
    await holder.release();
    assert.equal(await delivered, undefined);
    assert.ok(textIn(path).endsWith(`${head}x\n\n`));
    assert.equal(textIn(path).startsWith('old'), false);
  }
});

test('what is no file, or not in its place, is named', async () => {
  const directory = temporaryDirectory();
  mkdirSync(`${directory}/sub`);
  const isDirectory = await deliver(`${directory}/sub`, messageBody('x\n'));
  assert.match(isDirectory?.text ?? '', /\.\/Mailbox.*\(#4\.2\.1\)\n$/);
  assert.equal(isDirectory?.verdict, 'Z');
  assert.match((await deliver(`${directory}/no/box`, messageBody('x\n')))?.text ?? '', /\(#4\.2\.1\)\n$/);
});

test('a FIFO that nobody reads does not hold the delivery', async () => {
  const path = `${temporaryDirectory()}/fifo`;
  execFileSync('mkfifo', [path]);
  assert.match((await deliver(path, messageBody('x\n')))?.text ?? '', /\(#4\.2\.1\)\n$/);
});

test('a file that cannot be put on stable storage has no message in it', async () => {
  assert.match((await deliver('/dev/null', messageBody('x\n')))?.text ?? '', /^Unable to write.*\n$/);
});

test('a full disk leaves the file as it was', { skip: tmpfsMissing }, async () => {
  const directory = mountTmpfs(1024 * 1024);
  const path = `${directory}/Mailbox`;
  await deliver(path, messageBody('before\n'));
  writeFileSync(`${directory}/filler`, new Uint8Array(800 * 1024));
  const body = largeBody(64 * 1024, 8);
  const failure = await deliver(path, body);
  assert.match(failure?.text ?? '', /no space left on device.*\(#4\.3\.0\)\n$/);
  assert.equal(textIn(path), `${head}before\n\n`);
  rmSync(`${directory}/filler`);
  assert.equal(await deliver(path, body), undefined);
  assert.equal(statSync(path).size, 2 * head.length + 'before\n\n'.length + body.sizeBytes + 1);
});
