import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { filesBelow } from '../support/files-below.ts';
import { captureQueue, temporaryDirectory } from '../support/home.ts';
import { runProgram } from '../support/run-program.ts';
import { withoutPlaces, withPlaces } from '../support/vector-pattern.ts';
import { type Outcome, type Rule, vectors } from '../support/vectors.ts';

interface Case {
  readonly name: string;
  readonly argv: readonly string[];
  readonly homefiles: Readonly<Record<string, string>>;
  readonly modes: Readonly<Record<string, string>>;
  readonly homemode: string;
  readonly dirs: readonly string[];
  readonly stdin: string;
}

async function qmailLocal(args: readonly string[], stdin = 'Subject: x\n\nbody\n') {
  return await runProgram({ program: 'qmail-local', args, stdin, seekable: true });
}

/** What a case says of the queue: the exit code that its stand-in had. */
function queueExitOf({ name }: Case): number {
  return Number(/queue-(\d+)$/.exec(name)?.[1] ?? 0);
}

async function runCase(vector: Case): Promise<Outcome> {
  const home = temporaryDirectory();
  const queue = captureQueue({ exit: queueExitOf(vector) });
  for (const directory of vector.dirs) mkdirSync(`${home}/${directory}`, { recursive: true });
  for (const [name, text] of Object.entries(vector.homefiles)) {
    writeFileSync(`${home}/${name}`, text, 'latin1');
  }
  for (const [name, mode] of Object.entries(vector.modes)) chmodSync(`${home}/${name}`, Number(mode));
  chmodSync(home, Number(vector.homemode));
  const places = { '<HOME>': home };
  const { exit, stdout, stderr } = await runProgram({
    program: 'qmail-local',
    args: withPlaces(vector.argv, places),
    stdin: vector.stdin,
    seekable: true,
    env: { QMAILQUEUE: queue.program },
  });
  const created = Object.entries(filesBelow(home)).filter(([name]) => !Object.hasOwn(vector.homefiles, name));
  const outcome = { exit, stdout, stderr, created: Object.fromEntries(created) };
  const forwarded = { forward_msg: queue.message(), forward_env: queue.envelope() };
  return withoutPlaces({ ...outcome, ...forwarded }, places);
}

/** Whether something is to be done before a line that +list forbids. */
function hasLateMistake(text: string): boolean {
  const lines = text.split('\n');
  const list = lines.findIndex((line) => line.trimEnd() === '+list');
  const isDone = (line: string) => './|'.includes(line.charAt(0)) && line !== '';
  return list >= 0 && lines.slice(0, list).some(isDone) && lines.slice(list).some(isDone);
}

const rules: readonly Rule<Case>[] = [
  {
    reason:
      'a mistake in a .qmail file is found before anything is done: lines before it would be carried out at each attempt',
    applies: ({ argv, homefiles }) => [...argv.slice(-1), ...Object.values(homefiles)].some(hasLateMistake),
    expect: () => ({ stdout: '', created: {} }),
  },
  {
    reason: 'no control character of an address reaches the environment of a program',
    applies: ({ argv, homefiles }) =>
      /[\x00-\x1f\x7f]/.test(argv.slice(-8, -1).join('')) &&
      [...argv.slice(-1), ...Object.values(homefiles)].some((text) => text.includes('|')),
    expect: (_vector, { stdout, created }) => ({ stdout, created }),
  },
];

vectors<Case>({ file: 'local.json', run: runCase, rules });

test('the first rule is for a mistake that comes after something to be done', () => {
  assert.equal(hasLateMistake('./Mailbox\n+list\n|exit 0\n'), true);
  for (const text of ['./Mailbox\n+list\na@b.c\n', '+list\n./Mailbox\n', 'a@b.c\n+list\n./Mailbox\n', '']) {
    assert.equal(hasLateMistake(text), false, text);
  }
});

test('a Maildir, with the message read from its first byte', async () => {
  const home = temporaryDirectory();
  for (const name of ['', '/tmp', '/new', '/cur']) mkdirSync(`${home}/Maildir${name}`);
  const message = `Subject: x\n\n${'line\n'.repeat(60_000)}partial`;
  const args = ['joe', home, 'joe-x', '', '', 'ref.test', '', './Maildir/'];
  assert.deepEqual(await qmailLocal(args, message), { exit: 0, stdout: 'did 1+0+0\n', stderr: '' });
  assert.deepEqual(Object.values(filesBelow(home)), [
    `Return-Path: <>\nDelivered-To: joe-x@ref.test\n${message}`,
  ]);
});

test('a looping message is refused for good', async () => {
  const home = temporaryDirectory();
  const args = ['joe', home, 'joe', '', '', 'ref.test', 's@x.y', './Mailbox'];
  const ended = await qmailLocal(args, 'Delivered-To: joe@ref.test\n\nbody\n');
  assert.equal(ended.exit, 100);
  assert.match(ended.stderr, /\(#5\.4\.6\)\n$/);
});

test('-n lists and does nothing; of -n and -N the last one counts', async () => {
  const home = temporaryDirectory();
  const operands = ['joe', home, 'joe', '', '', 'ref.test', 's@x.y', './Mailbox\n|exit 0\n&a@b.c\n./M/'];
  const list = 'mbox ./Mailbox\nprogram exit 0\nforward a@b.c\nmaildir ./M/\ndid 2+1+1\n';
  for (const options of [['-n'], ['-N', '-n'], ['-Nn', '--']]) {
    const ended = await qmailLocal([...options, ...operands]);
    assert.deepEqual(ended, { exit: 0, stdout: list, stderr: '' });
  }
  const delivered = await qmailLocal(['-n', '-N', ...operands.slice(0, -1), './Mailbox']);
  assert.deepEqual(delivered, { exit: 0, stdout: 'did 1+0+0\n', stderr: '' });
  assert.deepEqual(Object.keys(filesBelow(home)), ['Mailbox']);
});

test('-n lists the lines before a mistake, which a delivery does not carry out', async () => {
  const home = temporaryDirectory();
  writeFileSync(`${home}/.qmail`, './Mailbox\n+list\n|exit 0\n');
  const operands = ['joe', home, 'joe', '', '', 'ref.test', 's@x.y', './Other'];
  const listed = await qmailLocal(['-n', ...operands]);
  assert.deepEqual([listed.exit, listed.stdout], [111, 'mbox ./Mailbox\n']);
  assert.match(listed.stderr, /\(#4\.7\.0\)\n$/);
  const delivered = await qmailLocal(operands);
  assert.deepEqual([delivered.exit, delivered.stdout], [111, '']);
  assert.deepEqual(Object.keys(filesBelow(home)), ['.qmail']);
});

test('programs make files for their user alone, in the home', async () => {
  const home = temporaryDirectory();
  const operands = ['joe', home, 'joe', '', '', 'ref.test', 's@x.y', '|touch made; umask'];
  const ended = await qmailLocal(operands);
  assert.deepEqual(ended, { exit: 0, stdout: '0077\ndid 0+0+1\n', stderr: '' });
  assert.equal(statSync(`${home}/made`).mode & 0o777, 0o600);
});

test('a descriptor 0 that cannot be read twice defers', async () => {
  const home = temporaryDirectory();
  const args = ['joe', home, 'joe', '', '', 'ref.test', 's@x.y', './Mailbox'];
  const ended = await runProgram({ program: 'qmail-local', args, stdin: 'Subject: x\n\nbody\n' });
  assert.equal(ended.exit, 111);
  assert.match(ended.stderr, /\(#4\.3\.0\)\n$/);
  assert.deepEqual(filesBelow(home), {});
});

test('wrong calls', async () => {
  const operands = ['joe', '/', 'joe', '', '', 'ref.test', 's@x.y', './Mailbox'];
  const wrong = [[], operands.slice(1), [...operands, 'more'], ['-x', ...operands]];
  const relative = ['joe', 'home', ...operands.slice(2)];
  for (const ended of await Promise.all([...wrong, relative].map((args) => qmailLocal(args)))) {
    assert.equal(ended.exit, 100);
    assert.match(ended.stderr, /usage: qmail-local \[-nN\] user homedir/);
  }
});
