import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { instructionsFor, type LocalUser } from '../../src/local/index.ts';
import { temporaryDirectory } from '../support/home.ts';

function user(home: string, changes: Partial<LocalUser> = {}): LocalUser {
  return { home, dash: '', extension: '', delivery: './Mailbox\n|exit 0\n', ...changes };
}

const mailbox = { kind: 'mbox', path: './Mailbox' };

test('the default delivery is for who has no instructions, and for no extension', () => {
  const home = temporaryDirectory();
  const program = { kind: 'program', command: 'exit 0' };
  const expected = { ok: true, list: [mailbox, program], defaultPart: undefined };
  assert.deepEqual(instructionsFor(user(home)), expected);
  const none = instructionsFor(user(home, { dash: '-', extension: 'x' }));
  assert.equal(none.ok ? '' : `${none.answer.verdict}${none.answer.text}`.slice(-10), ' (#5.1.1)\n');
  assert.equal(none.ok ? '' : none.answer.verdict, 'D');
});

test('a file counts; an empty one asks for the default delivery, whatever its x bit', () => {
  const home = temporaryDirectory();
  writeFileSync(`${home}/.qmail-default`, '');
  chmodSync(`${home}/.qmail-default`, 0o744);
  const where = user(home, { dash: '-', extension: 'X', delivery: './Mailbox' });
  assert.deepEqual(instructionsFor(where), { ok: true, list: [mailbox], defaultPart: 'X' });
  writeFileSync(`${home}/.qmail-x`, '# nobody');
  assert.deepEqual(instructionsFor(where), { ok: true, list: [], defaultPart: undefined });
});

test('a mistake, and what comes before it', () => {
  const home = temporaryDirectory();
  writeFileSync(`${home}/.qmail`, '&a@b.c\n./Mailbox\n', { mode: 0o744 });
  chmodSync(`${home}/.qmail`, 0o744);
  const wrong = instructionsFor(user(home));
  assert.equal(wrong.ok, false);
  assert.deepEqual(wrong.list, [{ kind: 'forward', address: 'a@b.c' }]);
});
