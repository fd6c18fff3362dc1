import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { threadedDisk } from '../../src/local/disk.ts';
import { deliverToMaildir } from '../../src/local/maildir.ts';
import type { MessageBody } from '../../src/mail/index.ts';
import { bytesOf } from '../../src/system/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { brokenBody, largeBody, messageBody } from '../support/message-body.ts';
import { mountTmpfs, tmpfsMissing } from '../support/tmpfs.ts';

const head = 'Return-Path: <a@b>\nDelivered-To: c@d\n';

function maildirIn(parent: string): string {
  const directory = `${parent}/Maildir/`;
  for (const name of ['', 'tmp', 'new', 'cur']) mkdirSync(`${directory}${name}`, { mode: 0o700 });
  return directory;
}

function deliver(directory: string, body: MessageBody, sync = threadedDisk.syncDirectory) {
  const disk = { ...threadedDisk, syncDirectory: sync };
  return deliverToMaildir(directory, './Maildir/', bytesOf(head), body, disk);
}

function messagesIn(directory: string): readonly string[] {
  return readdirSync(`${directory}new`).map((name) => readFileSync(`${directory}new/${name}`, 'latin1'));
}

/** Nothing stays of a delivery that failed. */
function assertNothingLeft(directory: string): void {
  assert.deepEqual(readdirSync(`${directory}tmp`), []);
  assert.deepEqual(readdirSync(`${directory}new`), []);
}

test('a message becomes one file under new/, for its owner only, with its inode in its name', async () => {
  const directory = maildirIn(temporaryDirectory());
  assert.equal(await deliver(directory, messageBody('Subject: x\n\na\0b\xff\r\n')), undefined);
  assert.deepEqual(readdirSync(`${directory}tmp`), []);
  assert.deepEqual(messagesIn(directory), [`${head}Subject: x\n\na\0b\xff\r\n`]);
  const name = readdirSync(`${directory}new`)[0] ?? '';
  const status = statSync(`${directory}new/${name}`);
  assert.equal(status.mode & 0o7777, 0o600);
  const [, inode, octets] = /^\d{10}\.M\d{1,6}P\d+Q\d+I([0-9a-f]+)\.[^/:]+,W=(\d+)$/.exec(name) ?? [];
  assert.equal(inode, status.ino.toString(16));
  // A line end is two octets for POP3; one that is CR LF already stays so.
  assert.equal(Number(octets), status.size + 4);
});

test('a last line without LF stays as it is, and an empty message has its lines on top', async () => {
  const directory = maildirIn(temporaryDirectory());
  await deliver(directory, messageBody('Subject: x\n\npartial', [5]));
  assert.deepEqual(messagesIn(directory), [`${head}Subject: x\n\npartial`]);
  const other = maildirIn(temporaryDirectory());
  await deliver(other, messageBody(''));
  assert.deepEqual(messagesIn(other), [head]);
});

test('deliveries at the same time do not disturb each other', async () => {
  const directory = maildirIn(temporaryDirectory());
  const bodies = Array.from({ length: 60 }, (_, index) => `Subject: ${index}\n\n${'x\n'.repeat(index)}`);
  const failures = await Promise.all(bodies.map((body) => deliver(directory, messageBody(body, [7]))));
  assert.deepEqual(
    failures,
    bodies.map(() => undefined),
  );
  assert.deepEqual([...messagesIn(directory)].sort(), bodies.map((body) => head + body).sort());
});

test('a directory name may have any bytes', async () => {
  const parent = temporaryDirectory();
  const native = Buffer.from(`${parent}/M\xe4il/`, 'latin1');
  for (const name of ['', 'tmp', 'new']) mkdirSync(Buffer.concat([native, Buffer.from(name)]));
  assert.equal(await deliver(`${parent}/M\xe4il/`, messageBody('x\n')), undefined);
  assert.equal(readdirSync(Buffer.concat([native, Buffer.from('new')])).length, 1);
});

test('a Maildir that is missing, or none, is told from one that is in trouble', async () => {
  const parent = temporaryDirectory();
  const missing = await deliver(`${parent}/Missing/`, messageBody('x\n'));
  assert.match(missing?.text ?? '', /\.\/Maildir\/.*\(#4\.2\.1\)\n$/);
  writeFileSync(`${parent}/file`, '');
  assert.match((await deliver(`${parent}/file/`, messageBody('x\n')))?.text ?? '', /\(#4\.2\.1\)\n$/);

  const directory = maildirIn(parent);
  rmSync(`${directory}new`, { recursive: true });
  const withoutNew = await deliver(directory, messageBody('x\n'));
  assert.equal(withoutNew?.verdict, 'Z');
  assert.match(withoutNew?.text ?? '', /\.\/Maildir\/.*\(#4\.3\.0\)\n$/);
  assert.deepEqual(readdirSync(`${directory}tmp`), []);
});

test('a message that cannot be read to its end leaves nothing', async () => {
  const directory = maildirIn(temporaryDirectory());
  const failure = await deliver(directory, brokenBody('Subject: x\n', 100));
  assert.match(failure?.text ?? '', /the store has lost the rest.*\(#4\.3\.0\)\n$/);
  assertNothingLeft(directory);
});

test('rename and link taken for durable: a directory that cannot be synced leaves nothing', async () => {
  const directory = maildirIn(temporaryDirectory());
  const seen: string[] = [];
  const failure = await deliver(directory, messageBody('x\n'), async (path) => {
    seen.push(path, ...messagesIn(directory));
    throw new Error('the disk is gone');
  });
  assert.equal(failure?.verdict, 'Z');
  assert.deepEqual(seen, [`${directory}new`, `${head}x\n`]);
  assertNothingLeft(directory);
});

test('a full disk leaves nothing, and takes the message when there is room', {
  skip: tmpfsMissing,
}, async () => {
  const directory = maildirIn(mountTmpfs(1024 * 1024));
  writeFileSync(`${directory}filler`, new Uint8Array(900 * 1024));
  const body = largeBody(64 * 1024, 8);
  const failure = await deliver(directory, body);
  assert.match(failure?.text ?? '', /no space left on device.*\(#4\.3\.0\)\n$/);
  assertNothingLeft(directory);
  rmSync(`${directory}filler`);
  assert.equal(await deliver(directory, body), undefined);
  assert.deepEqual(
    messagesIn(directory).map((message) => message.length),
    [head.length + body.sizeBytes],
  );
});
