/** src/programs/serial-link.ts and serial-delivery.ts through maildirsmtp and maildirqmtp, with our own servers. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { captureQueue, referenceControls, temporaryHome } from '../support/home.ts';
import { startListening } from '../support/listening-program.ts';
import { makeMaildir } from '../support/maildir.ts';
import { runProgram } from '../support/run-program.ts';
import { unusedPort } from '../support/unused-port.ts';

const nowSeconds = Math.floor(Date.now() / 1000);

function maildirWith(...recipients: readonly string[]) {
  const maildir = makeMaildir();
  recipients.forEach((recipient, index) => {
    const head = `Return-Path: <s@x.y>\nDelivered-To: pre-${recipient}\n`;
    maildir.put(`new/${index + 1}`, `${head}Subject: q\n\n.\nlast`, nowSeconds - 10 + index);
  });
  return { ...maildir, left: () => readdirSync(`${maildir.path}/new`).sort() };
}

for (const [program, server, ...rest] of [
  ['maildirsmtp', 'qmail-smtpd', 'helo.test'],
  ['maildirqmtp', 'qmail-qmtpd'],
] as const) {
  test(`${program} sends what there is; what is refused comes back`, async () => {
    const taken = captureQueue();
    const bounced = captureQueue();
    const peer = await startListening(server, ['--listen', '127.0.0.1:0'], {
      QMAILHOME: temporaryHome(referenceControls),
      QMAILQUEUE: taken.program,
    });
    const maildir = maildirWith('u@ref.test', 'u@there.example');
    const ended = await runProgram({
      program,
      args: [maildir.path, 'pre-', `127.0.0.1:${peer.port}`, ...rest],
      env: { QMAILHOME: temporaryHome(), QMAILQUEUE: bounced.program },
    });
    strictEqual(ended.exit, 0, ended.stderr);
    deepStrictEqual(maildir.left(), []);
    match(taken.message() ?? '', /\nSubject: q\n\n\.\nlast\n?$/);
    strictEqual(taken.envelope(), 'Fs@x.y\0Tu@ref.test\0\0');
    strictEqual(bounced.envelope(), 'F\0Ts@x.y\0\0');
    match(bounced.message() ?? '', /u@there\.example/);
    match(ended.stderr, /info: new\/1 succeeded/);
    match(ended.stderr, /info: new\/2 bounced/);
    strictEqual(await peer.stop(), 0);
  });
}

test('while the link is down everything stays, and is not given up before its time', async () => {
  const maildir = maildirWith('a@b', 'c@d', 'e@f');
  const home = temporaryHome();
  const ended = await runProgram({
    program: 'maildirqmtp',
    args: [maildir.path, '', `127.0.0.1:${await unusedPort()}`],
    env: { QMAILHOME: home },
  });
  strictEqual(ended.exit, 111);
  deepStrictEqual(maildir.left(), ['1', '2', '3']);
  strictEqual(ended.stderr.match(/failed temporarily: Unable to connect/g)?.length, 3);
  // A link that is down is no reason to leave the host alone.
  strictEqual(existsSync(`${home}/queue/lock/tcpto`), false);
});

test('calls that make no sense', async () => {
  const env = { QMAILHOME: temporaryHome() };
  for (const [program, args] of [
    ['maildirsmtp', ['d', 'p', 'h']],
    ['maildirqmtp', ['d', 'p']],
    ['maildirqmtp', ['d', 'p', 'h', 'x']],
    ['maildirqmtp', ['d', 'p', 'h:port']],
    ['maildirsmtp', ['d', 'p', '', 'x']],
  ] as const) {
    strictEqual(
      (await runProgram({ program, args: [...args], env })).exit,
      100,
      `${program} ${args.join(' ')}`,
    );
  }
});
