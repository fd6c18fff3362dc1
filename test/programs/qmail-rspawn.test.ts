import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type BodyListener, listenBodies, spawnJobFields } from '../../src/spawn/index.ts';
import type { Answer } from '../../src/system/index.ts';
import { type ChannelProgram, channelProgramMissing, startOnChannel } from '../support/channel-program.ts';
import { hubControls, hubHome, hubUser, isRoot } from '../support/hub-home.ts';
import { messageBody } from '../support/message-body.ts';
import { asUserMain, runProgram } from '../support/run-program.ts';
import { startSmtpServer } from '../support/smtp-server.ts';

const skip = channelProgramMissing;

interface Spawner extends ChannelProgram {
  readonly bodies: BodyListener;
  send(recipient: string, text?: string): Promise<Answer>;
}

/** `remote`: a shell script that stands in for qmail-remote. */
async function start(
  context: TestContext,
  remote?: string,
  env: Readonly<Record<string, string>> = {},
  controls: Readonly<Record<string, string>> = {},
): Promise<Spawner> {
  const home = hubHome({ ...hubControls, ...controls });
  chmodSync(`${home}/queue`, 0o711);
  mkdirSync(`${home}/bin`);
  if (remote !== undefined) {
    writeFileSync(`${home}/bin/instead`, `#!/bin/sh\n${remote}\n`, { mode: 0o755 });
    writeFileSync(`${home}/control/qmailremote`, 'instead\n');
  }
  const bodies = await listenBodies({ directory: `${home}/queue`, log: () => undefined });
  context.after(() => bodies.close());
  const program = startOnChannel(context, 'qmail-rspawn', [], { QMAILHOME: home, ...env });
  return {
    ...program,
    bodies,
    send(recipient, text = 'Subject: x\n\nbody\n') {
      const { token } = bodies.offer(messageBody(text));
      return program.link.ask(
        spawnJobFields({ message: '1', token, sizeBytes: text.length, sender: 's@x', recipient }),
      );
    },
  };
}

test('it runs the program that control/qmailremote names for each recipient, many at once, and ends with its channel', {
  skip,
}, async (context) => {
  const { send, link, ended, output } = await start(context, `printf 'r\\0K%s|%s|%s|%s\\0' "$@" "$(cat)"`);
  deepStrictEqual(await send('you@far.example'), {
    verdict: 'K',
    text: 'far.example|s@x|you@far.example|Subject: x\n\nbody',
  });
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => send(`${index}@far.example`, `message ${index}`)),
  );
  for (const [index, { text }] of answers.entries()) {
    strictEqual(text, `far.example|s@x|${index}@far.example|message ${index}`);
  }
  link.close();
  strictEqual(await ended, 0);
  strictEqual(output(), '');
});

test('$QMAILREMOTE is run in its place', { skip }, async (context) => {
  const { send } = await start(context, `printf 'Dnot this\\0'`, { QMAILREMOTE: '/bin/echo' });
  // What echo says is no report.
  const { verdict, text } = await send('you@far.example');
  strictEqual(verdict, 'Z');
  match(text, /did not say/);
});

test('without one it sends by itself, in one transaction and over one connection', {
  skip,
}, async (context) => {
  const server = await startSmtpServer(context);
  const { send, link, ended } = await start(
    context,
    undefined,
    {},
    { smtproutes: `:127.0.0.1:${server.port}\n` },
  );
  const answers = await Promise.all([send('a@far.example'), send('b@far.example')]);
  strictEqual(answers.map(({ verdict }) => verdict).join(''), 'KK');
  match(answers[0]?.text ?? '', /^127\.0\.0\.1 accepted message\.\nRemote host said: 250/);
  strictEqual((await send('c@far.example', 'Subject: y\n')).verdict, 'K');
  strictEqual(server.sessions.length, 1);
  deepStrictEqual(server.messages, ['Subject: x\r\n\r\nbody\r\n', 'Subject: y\r\n']);
  link.close();
  strictEqual(await ended, 0);
});

test('control files that make no sense defer, with the file and the line', { skip }, async (context) => {
  const { send } = await start(context, undefined, {}, { smtproutes: ':relay:port\n' });
  const { verdict, text } = await send('you@far.example');
  strictEqual(verdict, 'Z');
  match(text, /control\/smtproutes: :relay:port/);
});

test('what is no job, and a message that is gone, are deferred, and the next is sent', {
  skip,
}, async (context) => {
  const { send, link } = await start(context, `printf 'Ksent\\0'`);
  deepStrictEqual(await link.ask(['x']), {
    verdict: 'Z',
    text: 'qmail-send asked for no delivery (#4.3.0)\n',
  });
  const gone = spawnJobFields({
    message: '1',
    token: '0'.repeat(32),
    sizeBytes: 1,
    sender: '',
    recipient: 'a@b',
  });
  match((await link.ask(gone)).text, /unable to fetch/);
  strictEqual((await send('nobody')).verdict, 'D');
  strictEqual((await send('a@b')).verdict, 'K');
});

test('a signal does not end it, and what runs is finished', { skip }, async (context) => {
  const { send, child, link, ended } = await start(
    context,
    `read -r line; sleep 0.1; printf 'K%s\\0' "$line"`,
  );
  const sent = send('a@b', 'slow\n');
  strictEqual((await send('c@d', 'up\n')).text, 'up');
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGALRM'] as const) child.kill(signal);
  const last = send('e@f', 'last\n');
  link.close();
  deepStrictEqual([(await sent).text, (await last).text], ['slow', 'last']);
  strictEqual(await ended, 0);
});

test('a channel that says what is no job ends it', { skip }, async (context) => {
  const { child, ended } = await start(context, 'exit 0');
  const channel = child.stdio[3];
  if (channel !== null && channel !== undefined && 'write' in channel)
    channel.write(Buffer.alloc(1000, 0xff));
  strictEqual(await ended, 0);
});

test('calls that make no sense: 100', async () => {
  for (const args of [['what'], ['--what']]) {
    const { exit, stderr } = await runProgram({ program: 'qmail-rspawn', args });
    strictEqual(exit, 100);
    match(stderr, /usage: qmail-rspawn/);
  }
});

test('root is refused: 100', { skip: !isRoot && 'this is about root' }, async () => {
  const { exit, stderr } = await runProgram({ program: 'qmail-rspawn' });
  deepStrictEqual([exit, stderr], [100, 'qmail-rspawn: it does not run as root\n']);
});

test('without a channel: 111, and why', async () => {
  const env = { QMAILHOME: hubHome() };
  const { exit, stderr } = isRoot
    ? await runProgram({ program: hubUser().name, args: ['qmail-rspawn'], main: asUserMain, env })
    : await runProgram({ program: 'qmail-rspawn', env });
  strictEqual(exit, 111, stderr);
  match(stderr, /^qmail-rspawn: fatal: /);
});
