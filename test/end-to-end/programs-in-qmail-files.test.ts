/** The programs that .qmail files call, called by .qmail files; and mail readers' programs beside deliveries. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { deliverToMbox } from '../../src/local/mbox.ts';
import { bytesOf } from '../../src/system/index.ts';
import { captureQueue, temporaryDirectory, temporaryHome } from '../support/home.ts';
import { makeMaildir } from '../support/maildir.ts';
import { messageBody } from '../support/message-body.ts';
import { type Ended, runProgram, satelliteMain } from '../support/run-program.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** An installation with these programs under bin/, where programs of .qmail files are looked for first. */
function installation(): string {
  const home = temporaryHome();
  mkdirSync(`${home}/bin`);
  for (const name of ['forward', 'condredirect', 'bouncesaying', 'except', 'preline', 'qreceipt']) {
    const script = `#!/bin/sh\nexec '${process.execPath}' '${main}' ${name} "$@"\n`;
    writeFileSync(`${home}/bin/${name}`, script, { mode: 0o755 });
  }
  return home;
}

const qmailHome = installation();

async function deliver(lines: readonly string[], stdin: string, sender = 's@x.y') {
  const home = temporaryDirectory();
  for (const part of ['', '/tmp', '/new', '/cur']) mkdirSync(`${home}/Maildir${part}`);
  writeFileSync(`${home}/.qmail`, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  const queue = captureQueue();
  const ended = await runProgram({
    program: 'qmail-local',
    args: ['--', 'joe', home, 'joe', '', '', 'ref.test', sender, './Mailbox'],
    env: { QMAILHOME: qmailHome, QMAILQUEUE: queue.program },
    stdin,
    seekable: true,
  });
  const read = (name: string) => readFileSync(`${home}/${name}`, 'latin1');
  const kept = readdirSync(`${home}/Maildir/new`).length;
  return { ...ended, home, kept, read, message: queue.message(), envelope: queue.envelope() };
}

const lines = [
  "|bouncesaying 'No lists here. (#5.7.1)' grep -q '^List-Id:'",
  "|bouncesaying 'A subject is wanted.' except grep -q '^Subject:'",
  "|condredirect boss@x.y grep -q '^Subject: urgent'",
  './Maildir/',
];

test('a message passes the conditions of a .qmail file in their order', async () => {
  const bounced = await deliver(lines, 'List-Id: <l>\nSubject: x\n\n');
  assert.deepEqual([bounced.exit, bounced.kept], [100, 0]);
  assert.match(bounced.stdout + bounced.stderr, /No lists here\. \(#5\.7\.1\)\n/);
  assert.equal((await deliver(lines, 'To: x\n\n')).exit, 100);
  const redirected = await deliver(lines, 'Subject: urgent\n\n');
  assert.deepEqual([redirected.exit, redirected.kept], [0, 0]);
  assert.equal(redirected.envelope, 'Fs@x.y\0Tboss@x.y\0\0');
  assert.equal(redirected.message, 'Delivered-To: joe@ref.test\nSubject: urgent\n\n');
  const kept = await deliver(lines, 'Subject: x\n\n');
  assert.deepEqual([kept.exit, kept.kept, kept.message], [0, 1, null]);
});

test('an address from outside is never a command', async () => {
  const proof = `${temporaryDirectory()}/proof`;
  const sender = `$(touch${'$'}{IFS}${proof})\`touch\${IFS}${proof}\`;-x@x.y`;
  const { exit, envelope } = await deliver(['|forward "$SENDER" "-$LOCAL"'], 'Subject: x\n\n', sender);
  assert.equal(exit, 0);
  assert.equal(envelope, `F${sender}\0T${sender}\0T-joe\0\0`);
  assert.equal(existsSync(proof), false);
});

test('preline puts on top what qmail-local leaves to it', async () => {
  const { exit, read } = await deliver(
    ['|preline cat >Copy', '|preline -f cat >Short'],
    'Subject: x\n\nhi\n',
  );
  assert.equal(exit, 0);
  const rest = 'Return-Path: <s@x.y>\nDelivered-To: joe@ref.test\nSubject: x\n\nhi\n';
  assert.match(read('Copy'), /^From s@x\.y [A-Z].* \d{4}\nReturn-Path: <s@x\.y>\n/);
  assert.equal(read('Copy').slice(read('Copy').indexOf('\n') + 1), rest);
  assert.equal(read('Short'), rest);
});

test('a receipt is sent beside the delivery', async () => {
  const asking = 'Notice-Requested-Upon-Delivery-To: joe@ref.test\n\n';
  const { exit, kept, envelope } = await deliver(['|qreceipt joe@ref.test', './Maildir/'], asking);
  assert.deepEqual([exit, kept, envelope], [0, 1, 'F\0Ts@x.y\0\0']);
});

test('mail that is moved into an mbox and mail that is delivered to it do not hide each other', async () => {
  const maildir = makeMaildir();
  const mbox = `${maildir.path}/../Mailbox`;
  const env = { MAILDIR: maildir.path, MAIL: mbox, MAILTMP: `${mbox}.tmp` };
  const names = Array.from({ length: 24 }, (_, number) => `message ${number}.`);
  const moves: Promise<Ended>[] = [];
  for (const [number, name] of names.entries()) {
    if (number % 2 === 0) {
      maildir.put(`new/${number}`, `${name}\n`);
      if (number % 6 === 0) {
        moves.push(runProgram({ main: satelliteMain, program: 'maildir2mbox', env }));
      }
    } else {
      const failure = await deliverToMbox(mbox, './Mailbox', bytesOf('From x\n'), messageBody(`${name}\n`));
      assert.equal(failure, undefined);
    }
  }
  const exits = await Promise.all(moves);
  assert.deepEqual(
    exits.map(({ exit }) => exit),
    exits.map(() => 0),
  );
  await runProgram({ main: satelliteMain, program: 'maildir2mbox', env });
  const found = readFileSync(mbox, 'latin1')
    .split('\n')
    .filter((line) => line.startsWith('message '));
  assert.deepEqual(found.sort(), [...names].sort());
});
