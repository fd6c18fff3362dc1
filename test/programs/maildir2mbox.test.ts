import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { eachBody } from '../support/bodies.ts';
import { temporaryDirectory } from '../support/home.ts';
import { makeMaildir } from '../support/maildir.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';

async function maildir2mbox(env: Readonly<Record<string, string>>, args: readonly string[] = []) {
  return await runProgram({ main: satelliteMain, program: 'maildir2mbox', env, args });
}

eachBody('mail is moved to the file that the variables name', async () => {
  const maildir = makeMaildir();
  maildir.put('new/1', 'Return-Path: <s@x>\n\nhi\n');
  const directory = temporaryDirectory();
  const env = { MAILDIR: maildir.path, MAIL: `${directory}/box`, MAILTMP: `${directory}/box.tmp` };
  assert.deepEqual(await maildir2mbox(env), { exit: 0, stdout: '', stderr: '' });
  assert.equal(
    readFileSync(`${directory}/box`, 'latin1'),
    'From s@x Wed Nov 05 08:44:38 2025\nReturn-Path: <s@x>\n\nhi\n\n',
  );
  assert.deepEqual(readdirSync(directory), ['box']);
  assert.deepEqual(readdirSync(`${maildir.path}/new`), []);
});

eachBody('relative paths count from the Maildir', async () => {
  const maildir = makeMaildir();
  maildir.put('new/1', 'x\n');
  const env = { MAILDIR: maildir.path, MAIL: '../box', MAILTMP: '../box.tmp' };
  assert.equal((await maildir2mbox(env)).exit, 0);
  assert.match(readFileSync(`${maildir.path}/../box`, 'latin1'), /^From XXX .*\nx\n\n$/);
});

eachBody('runs at the same time move every message once', async () => {
  const maildir = makeMaildir();
  for (let number = 0; number < 20; number += 1) maildir.put(`new/${number}`, `message ${number}.\n`);
  const env = { MAILDIR: maildir.path, MAIL: '../box', MAILTMP: '../box.tmp' };
  const ended = await Promise.all(Array.from({ length: 4 }, () => maildir2mbox(env)));
  assert.deepEqual(
    ended.map(({ exit, stderr }) => [exit, stderr]),
    Array.from({ length: 4 }, () => [0, '']),
  );
  const box = readFileSync(`${maildir.path}/../box`, 'latin1');
  for (let number = 0; number < 20; number += 1) assert.equal(box.split(`message ${number}.\n`).length, 2);
});

eachBody('what is missing is named, and nothing is done', async () => {
  const all = { MAIL: '/nonexistent/box', MAILTMP: '/nonexistent/tmp', MAILDIR: '/nonexistent' };
  for (const name of Object.keys(all)) {
    const env = Object.fromEntries(Object.entries(all).filter(([key]) => key !== name));
    const { exit, stderr } = await maildir2mbox(env);
    assert.deepEqual([exit, stderr], [111, `maildir2mbox: fatal: ${name} not set\n`]);
  }
  const { exit, stderr } = await maildir2mbox(all);
  assert.equal(exit, 111);
  assert.match(stderr, /^maildir2mbox: fatal: .*ENOENT/);
  assert.equal((await maildir2mbox(all, ['x'])).exit, 100);
});
