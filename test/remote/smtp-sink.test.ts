/** The whole client against smtp-sink in its modes: refusing, dropping and waiting at each command. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createRemoteSender, openRemote } from '../../src/remote/index.ts';
import type { Answer } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { messageBody } from '../support/message-body.ts';
import { remoteSettings } from '../support/remote-settings.ts';
import { sinkMissing as skip, startSmtpSink } from '../support/smtp-sink.ts';

interface Sending {
  send(message?: string): Promise<Answer>;
}

async function start(
  context: TestContext,
  options: readonly string[],
  controls: Readonly<Record<string, string>> = {},
): Promise<Sending> {
  const port = await startSmtpSink(context, ...options);
  const current = remoteSettings({ smtproutes: `:127.0.0.1:${port}\n`, ...controls });
  const settings = { current: () => current };
  const mail = openRemote({ system: nodeSystem([]), home: temporaryDirectory(), settings });
  const sender = createRemoteSender({
    settings,
    sender: mail,
    prepare: (outgoing) => Promise.resolve(outgoing),
  });
  context.after(() => sender.close());
  const fetch = async () => ({ body: messageBody('Subject: x\n\n.\nbody\n'), release: () => undefined });
  return {
    send: (message = '1') => sender.deliver({ message, sender: 's@x.test', recipient: 'a@b.test', fetch }),
  };
}

const commands = ['CONNECT', 'EHLO', 'MAIL', 'RCPT', 'DATA', '.'];

test('it takes messages, one after the other, with and without PIPELINING and ESMTP', {
  skip,
}, async (context) => {
  for (const options of [[], ['-p'], ['-e'], ['-8', '-E']]) {
    const { send } = await start(context, options);
    for (const message of ['1', '2', '3']) strictEqual((await send(message)).verdict, 'K', options.join(' '));
  }
});

test('refused for ever and for now at each command', { skip }, async (context) => {
  const hard = { CONNECT: 'Z', EHLO: 'K', MAIL: 'D', RCPT: 'D', DATA: 'D', '.': 'D' } as const;
  for (const command of commands) {
    const [never, later] = await Promise.all([
      start(context, ['-f', command]),
      start(context, ['-r', command]),
    ]);
    const answer = await never.send();
    // Who knows no EHLO is told HELO; and a refusal that is no answer to the message is not final.
    strictEqual(answer.verdict, hard[command as keyof typeof hard], `-f ${command}: ${answer.text}`);
    strictEqual((await later.send()).verdict, 'Z', `-r ${command}`);
  }
});

test('hung up on at each command, with a word and without', { skip }, async (context) => {
  for (const command of commands) {
    for (const option of ['-q', '-Q']) {
      const { send } = await start(context, [option, command]);
      const { verdict, text } = await send();
      strictEqual(verdict, 'Z', `${option} ${command}`);
      const isDoubtful = option === '-q' && command === '.';
      strictEqual(text.startsWith('Possible duplicate! '), isDoubtful, `${option} ${command}: ${text}`);
    }
  }
});

test('a server that lets us wait is given up after timeoutremote', { skip }, async (context) => {
  const slow = ['MAIL', 'RCPT', 'DATA', '.'].map(async (command) => {
    const { send } = await start(context, ['-p', '-W', `${command}:30`], { timeoutremote: '1\n' });
    const { verdict, text } = await send();
    deepStrictEqual([verdict, /took too long/.test(text)], ['Z', true], `${command}: ${text}`);
  });
  await Promise.all(slow);
});

test('one that answers while it does not read is believed', { skip }, async (context) => {
  const { send } = await start(context, ['-A', '0']);
  const { verdict, text } = await send();
  ok(verdict === 'D' || verdict === 'Z', text);
  match(text, /550/);
});
