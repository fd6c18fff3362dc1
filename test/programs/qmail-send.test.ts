import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type Hub, startHub } from '../support/hub.ts';
import { queueAt } from '../support/hub-clients.ts';
import { asUserEntry, hubHome, hubUser, isRoot } from '../support/hub-home.ts';
import { type Ended, runProgram } from '../support/run-program.ts';

const onlyRoot = isRoot ? false : 'this is about root';

/** qmail-send as an ordinary user. */
async function startSend(context: TestContext, home: string, ...args: readonly string[]): Promise<Hub> {
  const user = hubUser();
  const hub = await startHub({
    home,
    program: ['qmail-send', ...args],
    ...(isRoot ? { command: [process.execPath, asUserEntry(user), user.name] } : {}),
  });
  context.after(() => hub.stop());
  return hub;
}

/** One that is expected to end by itself. */
function sendInVain(home: string, ...args: readonly string[]): Promise<Ended> {
  const env = { QMAILHOME: home };
  if (!isRoot) return runProgram({ program: 'qmail-send', args, env });
  const user = hubUser();
  return runProgram({ program: user.name, args: ['qmail-send', ...args], main: asUserEntry(user), env });
}

test('it takes what is queued on this host and delivers it as its own user', async (context) => {
  const home = hubHome();
  const hub = await startSend(context, home);
  deepStrictEqual(hub.addresses, []);
  await queueAt(home, 'you@hub.test');
  await hub.line(/^end msg 1$/);
  strictEqual(hub.messages().length, 1);
  match(hub.messages()[0] ?? '', /\nReceived: \(qmail 1 invoked by uid \d+\); /);
  strictEqual(await hub.stop(), 0);
});

test('a delivery of one’s own, in a directory of one’s own', async (context) => {
  const home = hubHome();
  const hub = await startSend(context, home, '--home', `${home}/home/Maildir`, './tmp/Mailbox');
  await queueAt(home, 'you@hub.test');
  await hub.line(/^end msg 1$/);
  match(readFileSync(`${home}/home/Maildir/tmp/Mailbox`, 'latin1'), /^From s@x /);
});

test('root is refused: 100', { skip: onlyRoot }, async () => {
  const ended = await runProgram({ program: 'qmail-send', env: { QMAILHOME: hubHome() } });
  deepStrictEqual(ended, {
    exit: 100,
    stdout: '',
    stderr: 'qmail-send: it does not run as root: call it as an ordinary user\n',
  });
});

test('calls that make no sense: 100', async () => {
  const home = hubHome();
  for (const args of [['--qmqp', '127.0.0.1:0'], ['-x'], ['a', 'b'], ['--home']]) {
    const { exit, stderr } = await sendInVain(home, ...args);
    strictEqual(exit, 100, args.join(' '));
    match(
      stderr,
      /usage: qmail-send \[--home DIR\] \[--log FORM\] \[--metrics ADDRESS:PORT\] \[DEFAULTDELIVERY\]/,
    );
  }
});

test('a home that is not set up, and a queue that is in use: 111', async (context) => {
  const without = hubHome({ locals: 'hub.test\n' });
  const { exit, stdout } = await sendInVain(without);
  strictEqual(exit, 111);
  strictEqual(
    stdout,
    `alert: cannot go on: ${without}/control/me is missing: write this host's name into it\n`,
  );
  const home = hubHome();
  await startSend(context, home);
  const second = await sendInVain(home);
  strictEqual(second.exit, 111);
  strictEqual(
    second.stdout,
    `alert: cannot go on: ${home}/queue is in use: another process has it, as qmail-send does while it runs\n`,
  );
});

test('a queue directory of the wrong kind is named', async () => {
  const home = hubHome();
  mkdirSync(`${home}/queue/store.sqlite`);
  const { exit, stdout } = await sendInVain(home);
  strictEqual(exit, 111);
  match(stdout, /^alert: cannot go on: .*\/queue\/store\.sqlite/);
});
