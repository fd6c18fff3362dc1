/** What has gone wrong in other servers, each named after its advisory, and a table of sequences for smuggling. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, test } from 'node:test';
import { openControl } from '../../../src/control/index.ts';
import { createSmtpServer, readSmtpSettings, type SmtpServerOptions } from '../../../src/serve/index.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { captureQueue, temporaryDirectory, temporaryHome } from '../../support/home.ts';
import { memoryInUse } from '../../support/memory-in-use.ts';
import { memoryIntake } from '../../support/memory-intake.ts';
import { runProgram } from '../../support/run-program.ts';
import { smtpPeer } from '../../support/smtp-peer.ts';
import { codesOf, playedSession } from '../../support/smtp-session.ts';

const closing: (() => Promise<void>)[] = [];

after(() => Promise.all(closing.map((close) => close())));

async function serve(options: Partial<SmtpServerOptions> = {}) {
  const settings = readSmtpSettings(openControl(nodeSystem([]), temporaryHome({ me: 'hub.test\n' })));
  const intake = memoryIntake();
  const server = createSmtpServer({
    settings: () => settings,
    intake,
    secureContext: () => undefined,
    log: () => {},
    ...options,
  });
  const { port } = await server.listen({ address: '127.0.0.1', port: 0 }, false);
  closing.push(() => server.close(0));
  return { port, intake };
}

const begin = 'EHLO c\r\nMAIL FROM:<s@x.y>\r\nRCPT TO:<r@hub.test>\r\nDATA\r\nSubject: outer\r\n\r\nouter';
const smuggled =
  'MAIL FROM:<admin@hub.test>\r\nRCPT TO:<r@hub.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\nQUIT\r\n';

/** What some server or other has taken for the end of a message: sender and receiver disagreed about it. */
const sequences: Readonly<Record<string, string>> = {
  'LF . LF': '\n.\n',
  'LF . CR LF': '\n.\r\n',
  'LF . CR': '\n.\r',
  'CR . CR': '\r.\r',
  'CR . LF': '\r.\n',
  'CR . CR LF': '\r.\r\n',
  'CR LF . LF': '\r\n.\n',
  'CR LF . CR': '\r\n.\r',
  'CR LF . CR CR LF': '\r\n.\r\r\n',
  'CR CR LF . CR LF': '\r\r\n.\r\n',
  'CR CR LF . CR CR LF': '\r\r\n.\r\r\n',
  'LF CR . CR LF': '\n\r.\r\n',
  'CR LF LF . CR LF': '\r\n\n.\r\n',
  'LF LF . LF LF': '\n\n.\n\n',
  'CR LF . LF CR LF': '\r\n.\n\r\n',
  'LF . NUL CR LF': '\n.\0\r\n',
  'CR NUL LF . CR LF': '\r\0\n.\r\n',
};

test('SMTP smuggling (CVE-2023-51764, CVE-2023-51765, CVE-2023-51766, CVE-2023-52354)', async (context) => {
  const { port, intake } = await serve();
  for (const [name, sequence] of Object.entries(sequences)) {
    await context.test(name, async () => {
      const peer = smtpPeer(port);
      peer.send(`${begin}${sequence}${smuggled}`);
      const said = await peer.closed;
      deepStrictEqual(codesOf(said), [220, 250, 250, 250, 354, 451]);
      match(said, /451 4\.5\.2 [^\r\n]*\r\n$/);
    });
  }
  deepStrictEqual(intake.messages, []);
});

test('what is no end of a line at all stays text, and the message ends where both sides think it does', async () => {
  const kept = [
    '\r\n.\0\r\n',
    '\r\n\0.\r\n',
    '\r\n. \r\n',
    '\r\n.\x0b\r\n',
    '\x85.\x85',
    '\r\n.\x1a\r\n',
    '\r\n..\r\n',
  ];
  for (const text of kept) {
    const played = playedSession();
    await played.play(`${begin}${text}${smuggled}`);
    deepStrictEqual(codesOf(played.output()), [250, 250, 250, 354, 250, 221], JSON.stringify(text));
    strictEqual(played.messages.length, 1);
    ok(played.messages[0]?.text.includes('MAIL FROM:<admin@hub.test>'));
  }
});

test('counters without limits (CVE-2005-1513, CVE-2005-1514, CVE-2005-1515)', async () => {
  const played = playedSession({ limits: { errorsMax: 1e9 } });
  const chunk = 'x'.repeat(65536);
  const before = memoryInUse();
  await played.play('MAIL FROM:<');
  for (let round = 0; round < 500; round += 1) await played.play(chunk);
  const now = memoryInUse();
  ok(now.heapBytes + now.arrayBufferBytes - before.heapBytes - before.arrayBufferBytes < 4 * 1024 * 1024);
  await played.play('>\r\nRCPT TO:<r@hub.test>\r\n');
  deepStrictEqual(codesOf(played.output()), [500, 503]);
});

test('recipients and messages without limits exhaust the memory', async () => {
  const played = playedSession({ limits: { recipientsMax: 3, messageBytesMax: 1000 } });
  await played.play(
    `MAIL FROM:<s>\r\n${'RCPT TO:<r@hub.test>\r\n'.repeat(5)}DATA\r\n${'x'.repeat(2000)}\r\n.\r\n`,
  );
  deepStrictEqual(codesOf(played.output()), [250, 250, 250, 250, 452, 452, 354, 552]);
  strictEqual(played.messages.length, 0);
});

/** What a program in the place of the queue sees of a session with these addresses. */
async function queued(lines: readonly string[]) {
  const capture = captureQueue();
  const marker = `${temporaryDirectory()}/marker`;
  const stdin = lines.map((line) => `${line.replaceAll('MARKER', marker)}\r\n`).join('');
  const env = {
    QMAILHOME: temporaryHome({ me: 'hub.test\n', rcpthosts: 'hub.test\n' }),
    QMAILQUEUE: capture.program,
    TCPREMOTEHOST: '() { :; }; touch MARKER'.replace('MARKER', marker),
  };
  await runProgram({ program: 'qmail-smtpd', env, stdin });
  return { marker, envelope: capture.envelope(), message: capture.message() ?? '' };
}

test('an address reaches a shell (CVE-2020-7247), or a program as an option; a name reaches an environment (Shellshock)', async () => {
  const sender = ';for i in 0 1 2;do touch MARKER;done;@x.y';
  const recipients = ['-froot@hub.test', '$(touch$IFS/MARKER)@hub.test', '`touch MARKER`@hub.test'];
  const { marker, envelope, message } = await queued([
    'EHLO () { :; }; touch MARKER;',
    `MAIL FROM:<${sender}>`,
    ...recipients.map((address) => `RCPT TO:<${address}>`),
    ...['DATA', 'x', '.', 'QUIT'],
  ]);
  const all = [`F${sender}`, ...recipients.map((address) => `T${address}`)];
  strictEqual(envelope, `${all.join('\0')}\0\0`.replaceAll('MARKER', marker));
  strictEqual(existsSync(marker), false);
  match(message, /^Received: from \?\?\?\?\?:[^\n]*touch[^\n]*\(HELO [^\n]*touch[^\n]*\) \(unknown\)\n/);
});

test('STARTTLS injection (CVE-2011-0411)', async () => {
  const played = playedSession();
  await played.play('EHLO c\r\nSTARTTLS\r\nMAIL FROM:<admin@hub.test>\r\nRCPT TO:<r@hub.test>\r\nDATA\r\n');
  played.session.secured();
  await played.play('x\r\n.\r\n');
  deepStrictEqual(codesOf(played.output()), [250, 220, 502, 502]);
  strictEqual(played.begun, 0);
});

test('taken, then bounced to a forged sender: an unknown recipient is refused while the client waits', async () => {
  const { port, intake } = await serve({ isKnown: async (address) => address !== 'nobody@hub.test' });
  const peer = smtpPeer(port);
  peer.send('MAIL FROM:<forged@victim.test>\r\nRCPT TO:<nobody@hub.test>\r\nDATA\r\nQUIT\r\n');
  deepStrictEqual(codesOf(await peer.closed), [220, 250, 550, 503, 221]);
  strictEqual(intake.begun, 0);
});

test('CR CR LF: no line of a message ends so, coming in', async () => {
  const played = playedSession();
  await played.play('MAIL FROM:<s>\r\nRCPT TO:<r>\r\nDATA\r\nSubject: x\r\r\n\r\r\n.\r\n');
  deepStrictEqual(codesOf(played.output()), [250, 250, 354, 451]);
  strictEqual(played.ending(), 'refused');
});

test('slow and silent clients by the hundreds do not hold back others', async () => {
  const { port, intake } = await serve();
  const slow = Array.from({ length: 400 }, (_, index) =>
    smtpPeer(port, '127.0.0.1', `127.0.1.${1 + (index % 8)}`),
  );
  await Promise.all(slow.map((peer) => peer.reply()));
  for (const [index, peer] of slow.entries())
    if (index % 2 === 0) peer.send(index % 4 === 0 ? 'EHL' : 'MAIL FROM:<s>\r\n');
  const startMs = performance.now();
  const peer = smtpPeer(port);
  peer.send(`${begin}\r\n.\r\nQUIT\r\n`);
  deepStrictEqual(codesOf(await peer.closed), [220, 250, 250, 250, 354, 250, 221]);
  ok(performance.now() - startMs < 5000);
  strictEqual(intake.messages.length, 1);
  for (const other of slow) other.destroy();
});
