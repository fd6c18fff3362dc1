import { deepStrictEqual, match, strictEqual, throws } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import { spoolDefaults } from '../../src/satellite/index.ts';
import { takeDropped, takeDrops } from '../../src/satellite/later.ts';
import { readSpoolSettings } from '../../src/satellite/spool-settings.ts';
import { type Files, type System, SystemError } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';
import { qmqpRequest } from '../support/qmqp-peer.ts';

const uid = process.getuid?.() ?? 0;
const message = 'Subject: x\n\nbody\n';
const request = qmqpRequest(message, 's@x', 'r@y', 'q@z');
const wrote = new Date('2026-01-02T03:04:05Z');

function box(controls: Readonly<Record<string, string>> = {}) {
  const home = temporaryHome({ spool: 'spool\n', ...controls });
  const drop = `${home}/drop`;
  mkdirSync(drop);
  chmodSync(drop, 0o1733);
  const system: System = { ...nodeSystem([]), env: (name) => (name === 'QMAILHOME' ? home : undefined) };
  const log: string[] = [];
  const spool = readSpoolSettings(system);
  if (spool === undefined) throw new Error('no spool');
  let count = 0;
  return {
    home,
    drop,
    log,
    takeNamed: () => takeDropped(system, spool),
    take: (own: Partial<System> = {}) =>
      takeDrops({ ...system, ...own }, { drop, spool, log: (line) => log.push(line) }),
    /** Leaves a file as a program of ours does, with that difference. */
    leave(text: string, { mode = 0o444, name = '' } = {}) {
      count += 1;
      const path = `${drop}/${name || `drop.${String(count).padStart(32, '0')}`}`;
      writeFileSync(path, text, 'latin1');
      chmodSync(path, mode);
      utimesSync(path, wrote, wrote);
      return path;
    },
    spooled: () =>
      readdirSync(`${home}/spool/queue`)
        .filter((name) => !name.startsWith('lock.'))
        .sort()
        .map((name) => readFileSync(`${home}/spool/queue/${name}`, 'latin1')),
  };
}

const field = `Received: (qmail 0 invoked by uid ${uid}); 2 Jan 2026 03:04:05 -0000\n`;

test('what was left goes into the spool, with a field that names its owner', () => {
  const { take, leave, spooled, drop, log } = box();
  leave(request);
  strictEqual(take(), 1);
  deepStrictEqual(spooled(), [qmqpRequest(`${field}${message}`, 's@x', 'r@y', 'q@z')]);
  deepStrictEqual(readdirSync(drop), []);
  deepStrictEqual(log, []);
  strictEqual(take(), 0);
});

test('the owner of the file counts', { skip: uid !== 0 && 'needs root' }, () => {
  const { take, leave, spooled } = box();
  chownSync(leave(request), 12_345, 12_345);
  strictEqual(take(), 1);
  match(spooled()[0] ?? '', /invoked by uid 12345\)/);
});

test('taken twice, since the power failed in between, it is the same twice', () => {
  const { take, leave, spooled, drop } = box();
  leave(request);
  const { files } = nodeSystem([]);
  const failing = {
    ...files,
    unlink(name: string) {
      if (name.startsWith(`${drop}/`)) throw new Error('the power fails');
      files.unlink(name);
    },
  };
  throws(() => take({ files: failing }), /the power fails/);
  strictEqual(take({ now: () => Date.now() + 5000 }), 1);
  const [first, second] = spooled();
  strictEqual(first, second);
});

test('a file that is being written is left alone, and removed, which is told, after a day', () => {
  const { take, leave, drop, log } = box();
  const path = leave(request, { mode: 0o600 });
  const nowMs = wrote.getTime();
  strictEqual(take({ now: () => nowMs + 86_399_000 }), 0);
  deepStrictEqual(readdirSync(drop).length, 1);
  strictEqual(take({ now: () => nowMs + 86_400_000 }), 0);
  deepStrictEqual(readdirSync(drop), []);
  deepStrictEqual(log, [`removed ${path} of uid ${uid}: it was never completed`]);
});

test('what is no message is removed, and that is told', () => {
  const { take, leave, drop, log, spooled, home } = box();
  const bad: readonly (readonly [string, RegExp])[] = [
    ['', /it ends too early/],
    [request.slice(0, -1), /it ends too early/],
    ['hello\n', /it is no request: malformed/],
    [qmqpRequest('m', 's@x', 'r\0@y'), /NUL/],
    [qmqpRequest('m', 's@x', 'r'.repeat(5000)), /address/],
  ];
  for (const [text] of bad) leave(text);
  mkdirSync(`${home}/spool`);
  mkdirSync(`${home}/spool/queue`);
  strictEqual(take(), 0);
  deepStrictEqual(readdirSync(drop), []);
  deepStrictEqual(spooled(), []);
  strictEqual(log.length, bad.length);
  for (const [index, [, reason]] of bad.entries()) {
    const said = log.filter((line) => reason.test(line));
    strictEqual(said.length > 0, true, `${index}: ${log.join('\n')}`);
  }
});

test('links, FIFOs and strange names are no messages, and lead nowhere', () => {
  const { take, leave, drop, log, home } = box();
  const secret = `${home}/secret`;
  writeFileSync(secret, request, { mode: 0o444 });
  chmodSync(secret, 0o444);
  symlinkSync(secret, `${drop}/drop.${'a'.repeat(32)}`);
  linkSync(secret, `${drop}/drop.${'b'.repeat(32)}`);
  execFileSync('mkfifo', [`${drop}/drop.${'c'.repeat(32)}`]);
  leave(request, { name: 'hello' });
  mkdirSync(`${drop}/drop.${'d'.repeat(32)}`);
  strictEqual(take(), 0);
  deepStrictEqual(readdirSync(drop), [`drop.${'d'.repeat(32)}`]);
  strictEqual(lstatSync(secret).nlink, 1);
  strictEqual(log.length, 4);
  match(log.join('\n'), /another name elsewhere/);
});

test('when the spool takes no more, what is left stays where it is', () => {
  const { take, leave, drop, spooled } = box({ spoolmessages: '2\n' });
  for (let count = 0; count < 3; count += 1) leave(request);
  throws(() => take(), { code: 'EDQUOT' });
  strictEqual(spooled().length, 2);
  strictEqual(readdirSync(drop).length, 1);
  strictEqual(spoolDefaults.spoolmessages > 2, true);
});

test('what cannot be removed is not taken, however often, and is in the way of no other', () => {
  const { take, leave, spooled, drop } = box();
  const { files } = nodeSystem([]);
  leave(request);
  strictEqual(take(), 1);
  const stuck = leave(request);
  for (const code of ['EROFS', 'EPERM', 'EACCES']) {
    const refuse = (path: string) => {
      if (path === stuck) throw new SystemError(code, `${code}: '${path}'`);
    };
    const failing: Files = {
      ...files,
      rename(from, to) {
        refuse(from);
        files.rename(from, to);
      },
      unlink(path) {
        refuse(path);
        files.unlink(path);
      },
    };
    const before = spooled().length;
    leave(request);
    throws(() => take({ files: failing }), new RegExp(`1 of the files in .* cannot be taken: ${code}`));
    strictEqual(spooled().length, before + 1);
    deepStrictEqual(readdirSync(drop), [stuck.slice(drop.length + 1)]);
    throws(() => take({ files: failing }), new RegExp(code));
    strictEqual(spooled().length, before + 1);
  }
  strictEqual(take(), 1);
  deepStrictEqual(readdirSync(drop), []);
});

test('a directory that may not be written', { skip: uid === 0 && 'root may write anywhere' }, () => {
  const { take, leave, spooled, drop } = box();
  for (let count = 0; count < 3; count += 1) leave(request);
  chmodSync(drop, 0o500);
  throws(() => take(), /3 of the files in .* cannot be taken: EACCES/);
  chmodSync(drop, 0o1733);
  deepStrictEqual(spooled(), []);
  strictEqual(take(), 3);
});

test('one that cannot be read waits, and the others are taken', () => {
  const { take, leave, spooled, drop } = box();
  const { files } = nodeSystem([]);
  let broken: number | undefined;
  const failing: Files = {
    ...files,
    openEntry(path) {
      const opened = files.openEntry(path);
      broken ??= opened[0];
      return opened;
    },
    read(descriptor, into) {
      if (descriptor !== broken) return files.read(descriptor, into);
      broken = -1;
      throw new SystemError('EIO', 'input/output error');
    },
  };
  for (let count = 0; count < 3; count += 1) leave(request);
  throws(
    () => take({ files: failing }),
    /^Error: 1 of the files in .* cannot be taken: input\/output error$/,
  );
  deepStrictEqual([spooled().length, readdirSync(drop).length], [2, 1]);
  strictEqual(take(), 1);
});

test('what its maker takes back before it is taken is not taken', () => {
  const { take, leave, spooled } = box();
  const { files } = nodeSystem([]);
  leave(request);
  const openEntry: Files['openEntry'] = (path) => {
    const opened = files.openEntry(path);
    files.unlink(path);
    return [opened[0], { ...opened[1], links: 1 }];
  };
  strictEqual(take({ files: { ...files, openEntry } }), 0);
  deepStrictEqual(spooled(), []);
});

test('of two that take at the same time one does', () => {
  const { take, leave, drop, home } = box();
  leave(request);
  strictEqual(take(), 1);
  leave(request);
  const { files } = nodeSystem([]);
  const lock = files.openLocked(`${home}/spool/drop.lock`, 0o600, 0);
  if (lock === undefined) throw new Error('locked');
  strictEqual(take(), 0);
  strictEqual(readdirSync(drop).length, 1);
  files.close(lock);
  strictEqual(take(), 1);
});

test('a flush takes what is in the directory of control/drop, and goes on when it cannot', () => {
  const named = box({ drop: 'drop\n', spoolmessages: '1\n' });
  named.leave(request);
  deepStrictEqual(named.takeNamed(), { problems: [], left: false });
  named.leave('hello');
  const removed = named.takeNamed();
  strictEqual(removed.left, false);
  match(removed.problems.join(), /^removed .*: it is no request/);
  named.leave(request);
  const full = named.takeNamed();
  strictEqual(full.left, true);
  match(full.problems.join(), /^unable to take what was left: the spool .* is full/);
  strictEqual(readdirSync(named.drop).length, 1);
  const none = box();
  none.leave(request);
  deepStrictEqual(none.takeNamed(), { problems: [], left: false });
  strictEqual(readdirSync(none.drop).length, 1);
});
