import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  createRemoteSender,
  openRemote,
  type Prepare,
  type RemoteSender,
  withPrefix,
} from '../../src/remote/index.ts';
import { type Answer, bytesOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { messageBody } from '../support/message-body.ts';
import { remoteSettings } from '../support/remote-settings.ts';
import { type SmtpServer, type SmtpServerOptions, startSmtpServer } from '../support/smtp-server.ts';
import { until } from '../support/until.ts';

/** Nothing is changed on its way. */
const asItIs: Prepare = (outgoing) => Promise.resolve(outgoing);

interface Sending {
  readonly server: SmtpServer;
  readonly sender: RemoteSender;
  readonly fetched: string[];
  readonly released: string[];
  send(recipient: string, message?: string, from?: string): Promise<Answer>;
}

interface Options {
  readonly server?: SmtpServerOptions;
  readonly controls?: Readonly<Record<string, string>>;
  readonly prepare?: Prepare;
}

async function start(context: TestContext, options: Options = {}): Promise<Sending> {
  const server = await startSmtpServer(context, options.server);
  const settings = remoteSettings({ smtproutes: `:127.0.0.1:${server.port}\n`, ...options.controls });
  const source = { current: () => settings };
  const mail = openRemote({ system: nodeSystem([]), home: temporaryDirectory(), settings: source });
  const sender = createRemoteSender({ settings: source, sender: mail, prepare: options.prepare ?? asItIs });
  context.after(() => sender.close());
  const fetched: string[] = [];
  const released: string[] = [];
  return {
    server,
    sender,
    fetched,
    released,
    send: (recipient, message = '1', from = 's@x') =>
      sender.deliver({
        message,
        sender: from,
        recipient,
        async fetch() {
          fetched.push(message);
          return { body: messageBody(`Subject: ${message}\n`), release: () => released.push(message) };
        },
      }),
  };
}

function count(server: SmtpServer, verb: string): number {
  return server.commands.filter((command) => command.startsWith(verb)).length;
}

test('recipients of one message go in one transaction, whatever their domains, where a relay takes them', async (context) => {
  const { server, send, fetched, released } = await start(context);
  const answers = await Promise.all(['a@b.test', 'c@d.test', 'e@f.test'].map((recipient) => send(recipient)));
  deepStrictEqual(
    answers.map(({ verdict }) => verdict),
    ['K', 'K', 'K'],
  );
  deepStrictEqual([count(server, 'MAIL'), count(server, 'RCPT'), server.messages.length], [1, 3, 1]);
  deepStrictEqual([fetched, released], [['1'], ['1']]);
});

test('each recipient gets its own answer', async (context) => {
  const { send } = await start(context, {
    server: {
      answer(command) {
        if (command.includes('<bad')) return '550 no such user\r\n';
        return command.includes('<later') ? '450 grey\r\n' : undefined;
      },
    },
  });
  const answers = await Promise.all(['good@b', 'bad@b', 'later@b'].map((recipient) => send(recipient)));
  deepStrictEqual(
    answers.map(({ verdict }) => verdict),
    ['K', 'D', 'Z'],
  );
  match(
    answers[1]?.text ?? '',
    /^127\.0\.0\.1 does not like recipient\.\nRemote host said: 550 no such user\n$/,
  );
});

test('other messages and other senders go over the same connection, one after the other', async (context) => {
  const { server, send } = await start(context, { controls: { remoteconnections: '1\n' } });
  await Promise.all([send('a@b', '1'), send('a@b', '2'), send('a@b', '2', 'other@x')]);
  deepStrictEqual([server.sessions.length, server.messages.length], [1, 3]);
  await send('a@b', '3');
  strictEqual(server.sessions.length, 1);
});

test('there are so many connections to one destination, and recipients in one transaction', async (context) => {
  const { server, send } = await start(context, {
    controls: { remoteconnections: '3\n', remoterecipients: '4\n' },
  });
  const jobs = Array.from({ length: 10 }, (_, index) => `m${index}`).flatMap((message) =>
    Array.from({ length: 10 }, (_, index) => send(`r${index}@b`, message)),
  );
  const answers = await Promise.all(jobs);
  ok(answers.every(({ verdict }) => verdict === 'K'));
  ok(server.sessions.length <= 3);
  deepStrictEqual([server.messages.length, count(server, 'RCPT')], [30, 100]);
});

test('a connection ends after so many messages, or at once', async (context) => {
  const few = await start(context, { controls: { remotemessages: '2\n', remoteconnections: '1\n' } });
  for (let message = 0; message < 4; message += 1) await few.send('a@b', String(message));
  strictEqual(few.server.sessions.length, 2);
  await until('QUIT', () => (count(few.server, 'QUIT') === 2 ? true : undefined));
  const none = await start(context, { controls: { remoteidle: '0\n' } });
  for (let message = 0; message < 3; message += 1) await none.send('a@b', String(message));
  strictEqual(none.server.sessions.length, 3);
});

test('a kept connection that the server has closed does not cost the message an attempt', async (context) => {
  const { server, send } = await start(context, {
    server: {
      answer: (command, session) =>
        session.number === 0 && command.includes('second') ? '421 enough\r\n' : undefined,
    },
  });
  strictEqual((await send('first@b', '1')).verdict, 'K');
  strictEqual((await send('a@b', '2', 'second@x')).verdict, 'K');
  strictEqual(server.sessions.length, 2);
  server.hangUp();
  strictEqual((await send('third@b', '3')).verdict, 'K');
  strictEqual(server.sessions.length, 3);
});

test('what is sent is what was prepared', async (context) => {
  const prepare: Prepare = async (outgoing) => ({
    ...outgoing,
    sender: 'other@y',
    body: withPrefix(bytesOf('X-Added: yes\n'), outgoing.body),
  });
  const { server, send } = await start(context, { prepare });
  await send('a@b');
  deepStrictEqual(server.messages, ['X-Added: yes\r\nSubject: 1\r\n']);
  ok(server.commands.some((command) => command.startsWith('MAIL FROM:<other@y>')));
});

test('a message that cannot be prepared or fetched is deferred, for all that wait for it', async (context) => {
  const { send, released } = await start(context, { prepare: () => Promise.reject(new Error('no key')) });
  const answers = await Promise.all([send('a@b'), send('c@d')]);
  deepStrictEqual(answers, [
    { verdict: 'Z', text: 'no key (#4.3.0)\n' },
    { verdict: 'Z', text: 'no key (#4.3.0)\n' },
  ]);
  deepStrictEqual(released, ['1']);
});

test('an address without a host is refused, and bad control files defer', async (context) => {
  const { send } = await start(context);
  match((await send('nobody')).text, /must include host name. \(#5\.1\.3\)/);
  match((await send('nobody@')).text, /#5\.1\.3/);
  const source = {
    current: () => {
      throw new Error('control/smtproutes: :x:y');
    },
  };
  const mail = openRemote({ system: nodeSystem([]), home: temporaryDirectory(), settings: source });
  const broken = createRemoteSender({ settings: source, sender: mail, prepare: asItIs });
  const fetch = () => Promise.reject(new Error('it was not to be fetched'));
  const answer = await broken.deliver({ message: '1', sender: '', recipient: 'a@b', fetch });
  deepStrictEqual(answer, { verdict: 'Z', text: 'control/smtproutes: :x:y (#4.3.5)\n' });
});
