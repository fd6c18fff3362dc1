import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { listenBodies, spawnJobFields } from '../../src/spawn/index.ts';
import type { Answer } from '../../src/system/index.ts';
import { type ChannelProgram, channelProgramMissing, startOnChannel } from '../support/channel-program.ts';
import { hubControls, hubHome, hubUser, isRoot } from '../support/hub-home.ts';
import { messageBody } from '../support/message-body.ts';
import { runProgram } from '../support/run-program.ts';
import { until } from '../support/until.ts';

const skip = channelProgramMissing;

interface Spawner extends ChannelProgram {
  readonly home: string;
  send(recipient: string, text?: string): Promise<Answer>;
  /** Process numbers of its workers. */
  workers(): readonly number[];
}

/** The users joe and ann, in users/cdb, both of whom are the test's own user. */
async function start(context: TestContext, controls = {}, args: readonly string[] = []): Promise<Spawner> {
  const { uid, gid } = hubUser();
  const home = hubHome({ ...hubControls, ...controls });
  chmodSync(`${home}/queue`, 0o711);
  mkdirSync(`${home}/users`);
  const lines = ['joe', 'ann'].flatMap((name) => [
    `=${name}:${name}:${uid}:${gid}:${home}/home:::`,
    `+${name}-:${name}:${uid}:${gid}:${home}/home:-::`,
  ]);
  const assign = [...lines, `=toor:toor:0:0:${home}/home:::`, '.', ''].join('\n');
  writeFileSync(`${home}/users/assign`, assign);
  strictEqual((await runProgram({ program: 'qmail-newu', env: { QMAILHOME: home } })).exit, 0);
  chmodSync(`${home}/users/cdb`, 0o644);
  const bodies = await listenBodies({ directory: `${home}/queue`, log: () => undefined });
  context.after(() => bodies.close());
  const program = startOnChannel(context, 'qmail-lspawn', args, { QMAILHOME: home });
  const { pid } = program.child;
  return {
    ...program,
    home,
    send(recipient, text = 'Subject: x\n\nbody\n') {
      const { token } = bodies.offer(messageBody(text));
      return program.link.ask(
        spawnJobFields({ message: '1', token, sizeBytes: text.length, sender: 's@x', recipient }),
      );
    },
    workers() {
      const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
      return text === '' ? [] : text.split(' ').map(Number);
    },
  };
}

function delivered(home: string): readonly string[] {
  const directory = `${home}/home/Maildir/new`;
  return readdirSync(directory).map((name) => readFileSync(`${directory}/${name}`, 'latin1'));
}

test('it gives messages to the workers of their users, and all end with its channel', {
  skip,
}, async (context) => {
  const { send, home, link, ended, workers, output } = await start(context);
  const recipients = ['joe@hub.test', 'ann@hub.test', 'Joe@hub.test', 'joe@hub.test'];
  const answers = await Promise.all(recipients.map((recipient) => send(recipient)));
  deepStrictEqual(
    answers.map(({ verdict }) => verdict),
    ['K', 'K', 'K', 'K'],
  );
  deepStrictEqual(
    delivered(home)
      .map((text) => /Delivered-To: (.*)/.exec(text)?.[1])
      .sort(),
    [...recipients].sort(),
  );
  const pids = workers();
  strictEqual(pids.length, 2);
  link.close();
  strictEqual(await ended, 0);
  strictEqual(output(), '');
});

test('DEFAULTDELIVERY is what workers do without a .qmail file', { skip }, async (context) => {
  const { send, home } = await start(context, {}, ['./Mailbox']);
  strictEqual((await send('joe@hub.test')).verdict, 'K');
  match(readFileSync(`${home}/home/Mailbox`, 'latin1'), /^From s@x /);
});

test('a worker that dies is told of in the log, its delivery is deferred, and the next gets another', {
  skip,
}, async (context) => {
  const { send, home, workers, output } = await start(context);
  writeFileSync(`${home}/home/.qmail-die`, '|kill -9 $PPID\n');
  strictEqual((await send('joe@hub.test')).verdict, 'K');
  const [before] = workers();
  const { verdict, text } = await send('joe-die@hub.test');
  strictEqual(verdict, 'Z');
  match(text, /^the delivery worker of joe went away before it was done\. \(#4\.3\.0\)\n$/);
  strictEqual((await send('joe@hub.test')).verdict, 'K');
  strictEqual(workers().includes(before ?? 0), false);
  await until('the log', () =>
    /^warning: the delivery worker of joe has ended: signal SIGKILL$/m.test(output()) ? true : undefined,
  );
});

test('concurrencyusers bounds the workers, and timeoutworker ends the idle', { skip }, async (context) => {
  const { send, workers } = await start(context, {
    concurrencylocal: '1\n',
    concurrencyusers: '1\n',
    timeoutworker: '1\n',
  });
  const answers = await Promise.all(['joe', 'ann', 'joe', 'ann'].map((name) => send(`${name}@hub.test`)));
  strictEqual(
    answers.every(({ verdict }) => verdict === 'K'),
    true,
  );
  strictEqual(workers().length, 1);
  await until('its end', () => (workers().length === 0 ? true : undefined), 10_000);
});

test('nobody delivers as root, and an address without a host is refused', { skip }, async (context) => {
  const { send, workers, link } = await start(context);
  const { verdict } = await send('toor@hub.test');
  strictEqual(verdict === 'K', false);
  strictEqual((await send('joe')).verdict, 'D');
  deepStrictEqual(await link.ask(['x', 'y']), {
    verdict: 'Z',
    text: 'qmail-send asked for no delivery (#4.3.0)\n',
  });
  deepStrictEqual(workers(), []);
});

test('a signal does not end it', { skip }, async (context) => {
  const { send, child, link, ended } = await start(context);
  strictEqual((await send('joe@hub.test')).verdict, 'K');
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGALRM'] as const) child.kill(signal);
  strictEqual((await send('joe@hub.test')).verdict, 'K');
  link.destroy();
  strictEqual(await ended, 0);
});

test('calls that make no sense: 100', async () => {
  for (const args of [['./Maildir/', 'more'], ['--what']]) {
    const { exit, stderr } = await runProgram({ program: 'qmail-lspawn', args });
    strictEqual(exit, 100);
    match(stderr, /usage: qmail-lspawn \[DEFAULTDELIVERY\]/);
  }
});

test('without a channel: 111, and why', async () => {
  const { exit, stderr } = await runProgram({ program: 'qmail-lspawn', env: { QMAILHOME: hubHome() } });
  strictEqual(exit, 111, stderr);
  match(stderr, /^qmail-lspawn: fatal: /);
  if (!isRoot) return;
  // Root needs the user that looks accounts up, and is told which.
  if (!/^qmailp:/m.test(readFileSync('/etc/passwd', 'latin1'))) match(stderr, /there is no user qmailp/);
});
