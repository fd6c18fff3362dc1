import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openMaildrop, pop3Limits } from '../../../src/serve/pop3/index.ts';
import { textOf } from '../../../src/system/index.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { maildirWith } from '../../support/pop3-maildir.ts';

const { files } = nodeSystem([]);

const open = (path: string, messagesMax: number = pop3Limits.messagesMax) =>
  openMaildrop({ files, path, messagesMax });

function whole(drop: ReturnType<typeof open>, number: number): string {
  let text = '';
  for (const piece of drop.read(number)) text += textOf(piece);
  return text;
}

const three = { 'new/b': 'one\n', 'cur/c:2,S': 'two\ntwo\n', 'new/a': 'three' };

test('messages are in the order of their times, with their sizes on the wire', () => {
  const drop = open(maildirWith(three));
  strictEqual(drop.count, 3);
  const numbers = [0, 1, 2];
  deepStrictEqual(numbers.map(drop.uniqueId), ['b', 'c', 'a']);
  deepStrictEqual(numbers.map(drop.octets), [5, 10, 7]);
  deepStrictEqual(
    numbers.map((number) => whole(drop, number)),
    ['one\n', 'two\ntwo\n', 'three'],
  );
  throws(() => drop.octets(3), RangeError);
});

test('of the same time the name decides', () => {
  const maildir = maildirWith({ 'new/b': '', 'cur/a:2,': '', 'new/c': '' });
  const { utimesSync } = process.getBuiltinModule('node:fs');
  for (const name of ['new/b', 'cur/a:2,', 'new/c']) utimesSync(`${maildir}/${name}`, 1, 1);
  deepStrictEqual([0, 1, 2].map(open(maildir).uniqueId), ['a', 'b', 'c']);
});

test('only files without a dot in front are messages', () => {
  const maildir = maildirWith(three);
  mkdirSync(`${maildir}/cur/directory`);
  writeFileSync(`${maildir}/new/.hidden`, 'x');
  symlinkSync('/no/such/file', `${maildir}/new/link`);
  strictEqual(open(maildir).count, 3);
});

test('the size that a name tells is believed', () => {
  strictEqual(open(maildirWith({ 'new/a,S=4,W=77': 'one\n' })).octets(0), 77);
});

test('nothing changes before commit, which removes and moves', () => {
  const maildir = maildirWith(three);
  const state = () => ['new', 'cur'].map((name) => readdirSync(`${maildir}/${name}`).sort());
  const drop = open(maildir);
  whole(drop, 0);
  deepStrictEqual(state(), [['a', 'b'], ['c:2,S']]);
  strictEqual(drop.commit(new Set([1, 2])), true);
  deepStrictEqual(state(), [[], ['b:2,']]);
});

test('a message that somebody has moved is found, and one that is gone is missing', () => {
  const maildir = maildirWith(three);
  const drop = open(maildir);
  renameSync(`${maildir}/new/b`, `${maildir}/cur/b:2,RS`);
  unlinkSync(`${maildir}/new/a`);
  strictEqual(whole(drop, 0), 'one\n');
  throws(() => whole(drop, 2), { code: 'ENOENT' });
  strictEqual(drop.octets(2), 0);
  renameSync(`${maildir}/cur/c:2,S`, `${maildir}/cur/c:2,T`);
  strictEqual(drop.commit(new Set([0, 1, 2])), true);
  deepStrictEqual(readdirSync(`${maildir}/cur`), []);
});

test('what cannot be removed is said', () => {
  const maildir = maildirWith({ 'new/a': 'one\n' });
  const drop = openMaildrop({
    files: {
      ...files,
      unlink() {
        throw Object.assign(new Error('no'), { code: 'EROFS' });
      },
    },
    path: maildir,
    messagesMax: 10,
  });
  strictEqual(drop.commit(new Set([0])), false);
});

test('so many messages and no more', () => {
  const names = Array.from({ length: 20 }, (_, index) => [`new/${index}`, 'x\n']);
  strictEqual(open(maildirWith(Object.fromEntries(names)), 7).count, 7);
});

test('names of any bytes', () => {
  const maildir = maildirWith({});
  writeFileSync(Buffer.from(`${maildir}/new/caf\xe9`, 'latin1'), 'one\n');
  const drop = open(maildir);
  strictEqual(whole(drop, 0), 'one\n');
  drop.commit(new Set());
  deepStrictEqual(readdirSync(`${maildir}/cur`, 'latin1'), ['caf\xe9:2,']);
});

test('a Maildir that is none', () => {
  throws(() => open('/no/such/maildir'), { code: 'ENOENT' });
});
