/** The native satellite, src/main-tiny.ts as `npm run build:tiny` makes it: a message's way to a hub. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory, temporaryHome } from './support/home.ts';
import { type Ended, type Run, runProgram } from './support/run-program.ts';
import { answering, scriptedHub } from './support/scripted-hub.ts';
import { tinyExecutable, tinyMissing } from './support/tiny-body.ts';

const skip = tinyMissing;

const accepting = () => scriptedHub(answering('11:Kok 1234567,'));

const head =
  'From: me@ref.test\nTo: you@hub.example\nDate: 1 Jan 2026 00:00:00 -0000\nMessage-ID: <1@ref.test>\n';
const message = `${head}\nHello\n`;

async function run(hubs: string, how: Omit<Run, 'executable'>): Promise<Ended> {
  const env = { QMAILHOME: temporaryHome({ me: 'ref.test\n', qmqpservers: `${hubs}\n` }) };
  return await runProgram({ executable: tinyExecutable, env, ...how });
}

test('sendmail hands a message to a hub', { skip }, async () => {
  const hub = await accepting();
  const args = ['-t', '-i', '-f', 'me@ref.test'];
  const { exit, stderr } = await run(hub.text, { program: 'sendmail', args, stdin: message });
  deepStrictEqual([exit, stderr], [0, '']);
  match(
    hub.received[0] ?? '',
    /From: me@ref\.test\n[\s\S]*\n\nHello\n,11:me@ref\.test,15:you@hub\.example,,$/,
  );
});

test('qmail-queue hands a message to a hub', { skip }, async () => {
  const hub = await accepting();
  const envelope = 'Fme@ref.test\0Tyou@hub.example\0\0';
  strictEqual((await run(hub.text, { program: 'qmail-queue', stdin: message, envelope })).exit, 0);
  strictEqual(hub.received.length, 1);
});

test('no hub takes it', { skip }, async () => {
  const hub = await accepting();
  hub.close();
  const { exit, stderr } = await run(hub.text, {
    program: 'sendmail',
    args: ['you@hub.example'],
    stdin: message,
  });
  strictEqual(exit, 75);
  match(stderr, /connection refused/);
});

test('it knows its programs by the names of links', { skip }, () => {
  const link = `${temporaryDirectory()}/mailq`;
  symlinkSync(tinyExecutable, link);
  match(execFileSync(link, ['--help'], { encoding: 'latin1' }), /^mailq - /);
});

test('what stays with the larger one says so', { skip }, async () => {
  const { exit, stderr } = await run('', { program: 'qmail-enroll', args: ['hub:6280'] });
  strictEqual(exit, 100);
  match(stderr, /mini-qmail-satellite/);
});
