/** src/programs/serial-over-descriptors.ts: maildirserial, ucspi-tcp's tcpclient, serialsmtp or serialqmtp, and a server. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { needs } from '../support/foreign.ts';
import { captureQueue, referenceControls, temporaryHome } from '../support/home.ts';
import { startListening } from '../support/listening-program.ts';
import { makeMaildir } from '../support/maildir.ts';
import { runProgram } from '../support/run-program.ts';
import { keysMissing, makeServerKey } from '../support/server-key.ts';
import { type SmtpServerOptions, startSmtpServer } from '../support/smtp-server.ts';
import { unusedPort } from '../support/unused-port.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const nowSeconds = Math.floor(Date.now() / 1000);

/** Messages for these, the first the oldest. */
function maildirWith(...recipients: readonly string[]) {
  const maildir = makeMaildir();
  recipients.forEach((recipient, index) => {
    const head = `Return-Path: <s@x.y>\nDelivered-To: pre-${recipient}\n`;
    maildir.put(`new/${index + 1}`, `${head}Subject: ${index + 1}\n\n.\nlast`, nowSeconds - 10 + index);
  });
  return { ...maildir, left: () => readdirSync(`${maildir.path}/new`).sort() };
}

async function serial(path: string, port: number, ...client: readonly string[]) {
  const bounced = captureQueue();
  const tcpclient = ['tcpclient', '-RHl0', '127.0.0.1', String(port)];
  const ended = await runProgram({
    program: 'maildirserial',
    args: ['-b', path, 'pre-', ...tcpclient, process.execPath, main, ...client],
    env: { QMAILHOME: temporaryHome(), QMAILQUEUE: bounced.program },
  });
  return { ...ended, bounced };
}

const withTcpclient = needs('tcpclient');

for (const [client, server] of [
  [['serialsmtp', 'pre-', 'us.test'], 'qmail-smtpd'],
  [['serialqmtp', 'pre-'], 'qmail-qmtpd'],
] as const) {
  test(`${client[0]} sends what there is; what is refused comes back`, withTcpclient, async () => {
    const taken = captureQueue();
    const peer = await startListening(server, ['--listen', '127.0.0.1:0'], {
      QMAILHOME: temporaryHome(referenceControls),
      QMAILQUEUE: taken.program,
    });
    const maildir = maildirWith('u@ref.test', 'u@there.example');
    const { exit, stderr, bounced } = await serial(maildir.path, peer.port, ...client);
    strictEqual(exit, 0, stderr);
    deepStrictEqual(maildir.left(), []);
    match(taken.message() ?? '', /\nSubject: 1\n\n\.\nlast\n?$/);
    strictEqual(taken.envelope(), 'Fs@x.y\0Tu@ref.test\0\0');
    strictEqual(bounced.envelope(), 'F\0Ts@x.y\0\0');
    match(stderr, /info: new\/1 succeeded: 127\.0\.0\.1 accepted/);
    match(stderr, /info: new\/2 bounced: /);
    strictEqual(await peer.stop(), 0);
  });
}

test('a server that ends connections gets the rest over new ones', withTcpclient, async (context) => {
  const server = await startSmtpServer(context, {
    answer: (command, session) =>
      command === '.' && session.messages.length === 2 ? { next: 'close', say: '250 Ok\r\n' } : undefined,
  });
  const maildir = maildirWith('a@b', 'c@d', 'e@f', 'g@h', 'i@j');
  const { exit, stderr } = await serial(maildir.path, server.port, 'serialsmtp', 'pre-', 'us.test');
  strictEqual(exit, 0, stderr);
  deepStrictEqual(maildir.left(), []);
  strictEqual(server.messages.length, 5);
  strictEqual(server.sessions.length, 3);
});

test('a message that breaks the connection holds back no other', withTcpclient, async (context) => {
  const server = await startSmtpServer(context, {
    answer: (command) => (command === 'RCPT TO:<c@d>' ? { next: 'close' } : undefined),
  });
  const maildir = maildirWith('a@b', 'c@d', 'e@f');
  const { exit, stderr } = await serial(maildir.path, server.port, 'serialsmtp', 'pre-', 'us.test');
  strictEqual(exit, 111);
  deepStrictEqual(maildir.left(), ['2']);
  match(stderr, /info: new\/2 failed temporarily: .*connection died/);
});

test('a server that takes no mail, or is not there, takes none of it', withTcpclient, async (context) => {
  const busy = await startSmtpServer(context, { greeting: '421 not now\r\n' });
  for (const port of [busy.port, await unusedPort()]) {
    const maildir = maildirWith('a@b', 'c@d');
    const { exit, stderr } = await serial(maildir.path, port, 'serialsmtp', 'pre-', 'us.test');
    strictEqual(exit, 111);
    deepStrictEqual(maildir.left(), ['1', '2']);
    match(stderr, /making no progress/);
    if (port === busy.port) match(stderr, /serialsmtp: Connected to 127\.0\.0\.1 but greeting failed\./);
  }
});

test('TLS is begun when it is wanted, and demanded then', {
  skip: withTcpclient.skip || keysMissing,
}, async (context) => {
  const { key, cert } = makeServerKey(['mx.test']);
  const offers = ['STARTTLS', 'PIPELINING'];
  for (const [options, isDelivered] of [
    [{ offers, tls: { key, cert } }, true],
    [{}, false],
  ] as readonly (readonly [SmtpServerOptions, boolean])[]) {
    const server = await startSmtpServer(context, options);
    const maildir = maildirWith('a@b');
    const { exit } = await serial(maildir.path, server.port, 'serialsmtp', '--tls', 'pre-', 'us.test');
    strictEqual(exit, isDelivered ? 0 : 111);
    strictEqual(server.messages.length, isDelivered ? 1 : 0);
    strictEqual(server.sessions.at(-1)?.secure, isDelivered);
  }
});
