import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { bytesAt, callHere } from '../support/alias-peers.ts';
import { captureQueue, temporaryDirectory, temporaryHome } from '../support/home.ts';
import { runProgram } from '../support/run-program.ts';

const directory = temporaryDirectory();
const home = temporaryHome();
const env = { QMAILHOME: home, USER: 'joe', HOST: 'here' };

function file(name: string, text: string): string {
  writeFileSync(`${directory}/${name}`, text, 'latin1');
  return `${directory}/${name}`;
}

const none = `${directory}/none`;
const empty = file('empty', '# nothing\n');
const plain = file('plain', 'ann, bob@b.c\n');

test('-n shows what each file means', async () => {
  const show = (...args: readonly string[]) =>
    callHere({ program: 'dot-forward', args: ['-n', ...args], env });
  deepStrictEqual(await show(plain), {
    exit: 99,
    stdout: '',
    stderr: 'forward bob@b.c\nforward ann@ref.test\n',
  });
  deepStrictEqual(await show(none, empty), {
    exit: 0,
    stdout: '',
    stderr: `skipping empty file ${empty}\ndirect delivery\n`,
  });
  deepStrictEqual(await show(file('mixed', 'Joe, "|prog x"\n'), plain), {
    exit: 0,
    stdout: '',
    stderr: 'pipe through prog x\ndirect delivery\n',
  });
  strictEqual((await show()).exit, 0);
});

async function forward(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const queue = captureQueue();
  const ended = await runProgram({
    program: 'dot-forward',
    args,
    env: { ...env, NEWSENDER: 'new@x', DTLINE: 'D: x\n', ...variables, QMAILQUEUE: queue.program },
    stdin: 'body\n',
    seekable: true,
  });
  return { ...ended, message: queue.message(), envelope: queue.envelope() };
}

test('the first file that says something decides', async () => {
  deepStrictEqual(await forward([none, empty, plain, file('late', 'x@y.z\n')]), {
    exit: 99,
    stdout: '',
    stderr: 'dot-forward: qp 0\n',
    message: 'D: x\nbody\n',
    envelope: 'Fnew@x\0Tbob@b.c\0Tann@ref.test\0\0',
  });
});

test('who names oneself is sent on as well, and gets it as if there were no file', async () => {
  const { exit, envelope } = await forward([file('self', 'joe\nann\n')]);
  deepStrictEqual([exit, envelope], [0, 'Fnew@x\0Tann@ref.test\0\0']);
});

test('nothing is done with a file that is wrong somewhere', async () => {
  const ended = await forward([file('wrong', `"|touch ${directory}/ran"\nann\n/var/mail/joe\n`)]);
  deepStrictEqual([ended.exit, ended.message], [111, null]);
  match(ended.stderr, /file delivery \/var\/mail\/joe not supported/);
  strictEqual(bytesAt(`${directory}/ran`), null);
});

test('a file that cannot be opened for now is not taken as none', async () => {
  const { exit, stderr } = await forward([`${plain}/inside`, plain]);
  strictEqual(exit, 111);
  match(stderr, /ENOTDIR/);
});

test('a wrong option', async () => {
  const { exit, stderr } = await forward(['-x', plain]);
  strictEqual(exit, 100);
  match(stderr, /usage: dot-forward \[-nN\] FILE \.\.\./);
});
