/** Aliases and .forward files as they are used: from .qmail files, in a delivery by qmail-local. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { captureQueue, temporaryDirectory, temporaryHome } from '../support/home.ts';
import { runProgram } from '../support/run-program.ts';

const home = temporaryHome();
const hubMain = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
mkdirSync(`${home}/bin`);
for (const name of ['fastforward', 'dot-forward']) {
  const script = `#!/bin/sh\nexec '${process.execPath}' '${hubMain}' ${name} "$@"\n`;
  writeFileSync(`${home}/bin/${name}`, script, { mode: 0o755 });
}

/** A delivery to `extension` of a user with these files, whose mailbox is ./Mailbox. */
async function deliver(files: Readonly<Record<string, string>>, extension: string, exit = 0) {
  const user = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) writeFileSync(`${user}/${name}`, text, { mode: 0o644 });
  const queue = captureQueue({ exit });
  const env = { QMAILHOME: home, QMAILQUEUE: queue.program };
  if (files['aliases'] !== undefined) {
    const made = await runProgram({ program: 'newaliases', args: [`${user}/aliases`], env });
    strictEqual(made.exit, 0, made.stderr);
  }
  const dash = extension === '' ? '' : '-';
  const args = ['joe', user, `joe${dash}${extension}`, dash, extension, 'ref.test', 's@x.y', './Mailbox'];
  const stdin = 'Subject: x\n\nbody\n';
  const ended = await runProgram({ program: 'qmail-local', args, env, stdin, seekable: true });
  const mailbox = existsSync(`${user}/Mailbox`) ? readFileSync(`${user}/Mailbox`, 'latin1') : undefined;
  return { ...ended, user, mailbox, message: queue.message(), envelope: queue.envelope() };
}

const aliasUser = {
  '.qmail-default': '|fastforward -d aliases.cdb\n',
  aliases: 'boss: ann, bob@b.c\nnotes: "|cat >notes"\n',
};

test('an alias is forwarded, with the Delivered-To line of the delivery', async () => {
  const { exit, message, envelope, stderr } = await deliver(aliasUser, 'boss');
  deepStrictEqual([exit, stderr], [0, 'fastforward: qp 0\n']);
  strictEqual(message, 'Delivered-To: joe-boss@ref.test\nSubject: x\n\nbody\n');
  strictEqual(envelope, 'Fs@x.y\0Tbob@b.c\0Tann@ref.test\0\0');
});

test('a program of an alias gets the message behind its lines', async () => {
  const { exit, user, message } = await deliver(aliasUser, 'notes');
  deepStrictEqual([exit, message], [0, null]);
  const notes = readFileSync(`${user}/notes`, 'latin1');
  match(
    notes,
    /^From s@x\.y .*\nReturn-Path: <s@x\.y>\nDelivered-To: joe-notes@ref\.test\nSubject: x\n\nbody\n$/,
  );
});

test('an address that is no alias is refused, a queue that cannot take it puts it off', async () => {
  const { exit, stderr, stdout } = await deliver(aliasUser, 'nobody');
  strictEqual(exit, 100);
  match(stdout + stderr, /no mailbox here by that name\. \(#5\.1\.1\)/);
  strictEqual((await deliver(aliasUser, 'boss', 53)).exit, 111);
});

test('with -p, what is no alias goes to the next line', async () => {
  const files = { ...aliasUser, '.qmail-default': '|fastforward -pd aliases.cdb\n./Mailbox\n' };
  match((await deliver(files, 'nobody')).mailbox ?? '', /body/);
  const known = await deliver(files, 'boss');
  deepStrictEqual([known.exit, known.mailbox], [0, undefined]);
});

test('a .forward file takes the message, leaves it, or both', async () => {
  const files = { '.qmail': '|dot-forward .forward\n./Mailbox\n' };
  const without = await deliver(files, '');
  match(without.mailbox ?? '', /body/);
  strictEqual(without.envelope, null);
  const away = await deliver({ ...files, '.forward': 'ann@a.b\n' }, '');
  deepStrictEqual([away.exit, away.mailbox, away.envelope], [0, undefined, 'Fs@x.y\0Tann@a.b\0\0']);
  const both = await deliver({ ...files, '.forward': '\\joe, ann@a.b\n' }, '');
  match(both.mailbox ?? '', /body/);
  strictEqual(both.envelope, 'Fs@x.y\0Tann@a.b\0\0');
  const wrong = await deliver({ ...files, '.forward': '/var/mail/joe\n' }, '');
  deepStrictEqual([wrong.exit, wrong.mailbox], [111, undefined]);
  deepStrictEqual(readdirSync(wrong.user).sort(), ['.forward', '.qmail']);
});
