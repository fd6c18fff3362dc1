import assert from 'node:assert/strict';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { moveToMbox } from '../../src/programs/move-to-mbox.ts';
import { type Files, type System, SystemError } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { holdLock } from '../support/hold-lock.ts';
import { temporaryDirectory } from '../support/home.ts';
import { makeMaildir } from '../support/maildir.ts';

const date = 'Wed Nov 05 08:44:38 2025';

function setUp(old?: string) {
  const directory = temporaryDirectory();
  const mbox = `${directory}/Mailbox`;
  if (old !== undefined) writeFileSync(mbox, old, 'latin1');
  const maildir = makeMaildir();
  const temporary = `${directory}/Mailbox.tmp`;
  return {
    maildir,
    mbox,
    temporary,
    content: () => readFileSync(mbox, 'latin1'),
    left: () => ['new', 'cur'].flatMap((part) => readdirSync(`${maildir.path}/${part}`)),
    move: (system: System = nodeSystem([]), other: object = {}) =>
      moveToMbox(system, { maildir: maildir.path, mbox, temporary, lockMs: 0, ...other }),
  };
}

test('messages are moved behind what is there, with the sender in the From_ line and > before From', () => {
  const { maildir, move, content, left, mbox, temporary } = setUp('From old\n\nx\n\n');
  maildir.put('new/2', 'Return-Path: <a b\t@x.y>\nSubject: x\n\nFrom me\n>From you\npartial');
  maildir.put('cur/1:2,S', 'Return-Path: <>\n\nbounce\n', 0);
  maildir.put('new/3', 'Subject: no path\n');
  maildir.put('new/4', '');
  assert.deepEqual(move(), []);
  assert.equal(
    content(),
    'From old\n\nx\n\n' +
      'From MAILER-DAEMON Thu Jan 01 00:00:00 1970\nReturn-Path: <>\n\nbounce\n\n' +
      `From a-b-@x.y ${date}\nReturn-Path: <a b\t@x.y>\nSubject: x\n\n>From me\n>>From you\npartial\n\n` +
      `From XXX ${date}\nSubject: no path\n\n` +
      `From XXX ${date}\n\n`,
  );
  assert.deepEqual(left(), []);
  assert.equal(statSync(mbox).mode & 0o7777, 0o600);
  assert.equal(existsSync(temporary), false);
});

test('a message of any size and any bytes', () => {
  const { maildir, move, content } = setUp();
  const body = 'From \0\xff\n'.repeat(50_000);
  maildir.put('new/1', `Return-Path: <s@x>\n\n${body}`);
  move();
  assert.equal(content(), `From s@x ${date}\nReturn-Path: <s@x>\n\n${body.replaceAll('From', '>From')}\n`);
});

test('what a crash has cut off within a line does not hide the next message', () => {
  const { maildir, move, content } = setUp('From old\n\ncut o');
  maildir.put('new/1', 'x\n');
  move();
  assert.equal(content(), `From old\n\ncut o\n\nFrom XXX ${date}\nx\n\n`);
});

test('without mail nothing is touched', () => {
  const { move, mbox, maildir } = setUp();
  assert.deepEqual(move(), []);
  assert.equal(existsSync(mbox), false);
  maildir.put('tmp/1', 'x\n');
  move();
  assert.equal(existsSync(mbox), false);
});

test('while another program has the lock nothing is written', async () => {
  const { maildir, move, mbox, left, content, temporary } = setUp('old\n');
  maildir.put('new/1', 'x\n');
  const holder = await holdLock(mbox);
  assert.throws(() => move(), /Mailbox has been locked for 0 seconds/);
  await holder.release();
  assert.deepEqual([content(), left(), existsSync(temporary)], ['old\n', ['1'], false]);
});

test('the new mbox is locked until what was moved is removed', () => {
  const { maildir, move, mbox } = setUp('old\n');
  maildir.put('new/1', 'x\n');
  const node = nodeSystem([]);
  const locks: unknown[] = [];
  const unlink = (path: string) => {
    if (path.startsWith(`${maildir.path}/new/`)) locks.push(node.files.openLocked(mbox, 0o600, 0));
    node.files.unlink(path);
  };
  assert.deepEqual(move({ ...node, files: { ...node.files, unlink } }), []);
  assert.deepEqual(locks, [undefined]);
});

test('an old copy is replaced, but never one that is the mbox itself', () => {
  const { maildir, move, mbox, left, content, temporary } = setUp('old\n');
  maildir.put('new/1', 'x\n');
  linkSync(mbox, temporary);
  assert.throws(() => move(), /are the same file/);
  assert.throws(() => move(undefined, { temporary: `${mbox}/../Mailbox` }), /ENOTDIR|are the same file/);
  assert.deepEqual([content(), left()], ['old\n', ['1']]);
  const other = `${mbox}.other`;
  writeFileSync(other, 'a copy that a crash has left');
  move(undefined, { temporary: other });
  assert.equal(content(), `old\nFrom XXX ${date}\nx\n\n`);
});

/** A system on which each call that changes something is counted, and fails from the given one on. */
function failingFrom(count: number, calls: string[]): System {
  const node = nodeSystem([]);
  const counting =
    <Args extends readonly unknown[], Result>(name: string, call: (...args: Args) => Result) =>
    (...args: Args): Result => {
      if (calls.push(name) > count) throw new SystemError('EIO', `${name}: EIO`);
      return call(...args);
    };
  const { open, write, sync, rename, unlink } = node.files;
  const files: Files = {
    ...node.files,
    open: counting('open', open),
    write: counting('write', write),
    sync: counting('sync', sync),
    rename: counting('rename', rename),
    unlink: counting('unlink', unlink),
  };
  return { ...node, files };
}

test('whatever fails, and whenever: each message is in the mbox or in the Maildir', () => {
  const whole: string[] = [];
  const first = setUp('old\n');
  first.maildir.put('new/1', 'one\n');
  first.maildir.put('new/2', 'two\n');
  first.move(failingFrom(Number.POSITIVE_INFINITY, whole));
  assert.deepEqual(whole.filter((name) => name === 'sync').length, 2);
  assert.ok(whole.lastIndexOf('sync') < whole.lastIndexOf('unlink'));
  for (let count = 0; count <= whole.length; count += 1) {
    const { maildir, move, content, left, temporary } = setUp('old\n');
    maildir.put('new/1', 'one\n');
    maildir.put('new/2', 'two\n');
    let failed = false;
    try {
      failed = move(failingFrom(count, [])).length > 0;
    } catch {
      failed = true;
    }
    assert.equal(failed, count < whole.length, `call ${count}`);
    const mbox = content();
    assert.ok(mbox.startsWith('old\n'));
    if (mbox === 'old\n') assert.deepEqual(left().sort(), ['1', '2'], `call ${count}`);
    else assert.equal(mbox, `old\nFrom XXX ${date}\none\n\nFrom XXX ${date}\ntwo\n\n`);
    if (!failed) assert.deepEqual([left(), existsSync(temporary)], [[], false]);
    // What is left is moved by the next run.
    move();
    assert.deepEqual(left(), []);
    for (const word of ['one', 'two']) assert.ok(content().includes(`\n${word}\n`));
  }
});

test('what cannot be opened is named', () => {
  const { maildir, move, mbox } = setUp();
  maildir.put('new/1', 'x\n');
  mkdirSync(mbox);
  assert.throws(() => move(), /unable to lock .*Mailbox: .*EISDIR/);
  assert.throws(() => move(undefined, { maildir: '/nonexistent' }), /ENOENT.*nonexistent/);
});
