/** Clients that others wrote send over SMTP to a hub: swaks, smtp-source, msmtp, Postfix as a relay, and nodemailer. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';
import { findProgram, needs } from '../support/foreign.ts';
import { captureQueue, referenceControls, temporaryHome } from '../support/home.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { hubControls, hubHome } from '../support/hub-home.ts';
import { identityOf } from '../support/identity.ts';
import { postfixMissing, startPostfix } from '../support/postfix.ts';
import { qmqpRequest, submitRequest } from '../support/qmqp-peer.ts';
import { until } from '../support/until.ts';
import { unusedPort } from '../support/unused-port.ts';

const run = promisify(execFile);

let hub: Hub;
let port = 0;
let securePort = 0;

async function portOf(service: string): Promise<number> {
  return Number((await hub.line(new RegExp(`^listening ${service} `))).replace(/^.*:/, ''));
}

before(async () => {
  const home = hubHome({ ...hubControls, smtpgreeting: 'mx.hub.test\n' });
  writeFileSync(`${home}/control/servercert.pem`, await identityOf('mx.hub.test'), { mode: 0o644 });
  hub = await startHub({ home, args: ['--smtp', '127.0.0.1:0', '--smtps', '127.0.0.1:0'] });
  [port, securePort] = [await portOf('smtp'), await portOf('smtps')];
});

/** The messages to this user, when there are so many. */
async function mailFor(user: string, count = 1): Promise<readonly string[]> {
  return await until(`${count} messages for ${user}`, () => {
    const found = hub.messages().filter((text) => text.includes(`Delivered-To: ${user}@hub.test\n`));
    return found.length >= count ? found : undefined;
  });
}

const received = (text: string) => /by hub\.test with (\w+);/.exec(text)?.[1];

test(
  'swaks, in the clear, with STARTTLS, with TLS from the first byte on, and pipelined',
  needs('swaks'),
  async () => {
    const swaks = (user: string, ...args: readonly string[]) =>
      run('swaks', [
        ...[
          '--server',
          '127.0.0.1',
          '--helo',
          'swaks.test',
          '--from',
          's@swaks.test',
          '--to',
          `${user}@hub.test`,
        ],
        ...['--body', `.\n..dots of ${user}\n`, ...args],
      ]);
    await Promise.all([
      swaks('plain', '--port', String(port)),
      swaks('starttls', '--port', String(port), '-tls'),
      swaks('implicit', '--port', String(securePort), '--tlsc'),
      swaks('pipelined', '--port', String(port), '--pipeline'),
    ]);
    const with_ = async (user: string) => received((await mailFor(user))[0] ?? '');
    deepStrictEqual(await Promise.all(['plain', 'starttls', 'implicit', 'pipelined'].map(with_)), [
      'ESMTP',
      'ESMTPS',
      'ESMTPS',
      'ESMTP',
    ]);
    const [text = ''] = await mailFor('plain');
    match(text, /\n\n\.\n\.\.dots of plain\n/);
    match(text, /^Received: from unknown \(HELO swaks\.test\) \(127\.0\.0\.1\)$/m);
  },
);

test(
  'swaks speaks in TLS with a process of its own under tcpserver, and logs in',
  needs('swaks', 'tcpserver'),
  async () => {
    const capture = captureQueue();
    const home = temporaryHome({ ...referenceControls, 'servercert.pem': await identityOf('ref.test') });
    const check = `${home}/check`;
    writeFileSync(check, '#!/bin/sh\n[ "$(tr "\\000" : <&3)" = joe:secret:: ] && exec "$@"\n', {
      mode: 0o755,
    });
    const own = await unusedPort();
    const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
    const server = spawn(
      findProgram('tcpserver') ?? '',
      ['-1RHl', 'ref.test', '127.0.0.1', String(own), process.execPath, main, 'qmail-smtpd', check],
      {
        env: { PATH: '/usr/bin:/bin', QMAILHOME: home, QMAILQUEUE: capture.program },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    await once(server.stdout, 'data');
    const to = ['--server', '127.0.0.1', '--port', String(own), '--helo', 'swaks.test'];
    const login = ['-tls', '-a', 'PLAIN', '-au', 'joe', '-ap', 'secret'];
    await run('swaks', [
      ...to,
      ...login,
      '--from',
      's@swaks.test',
      '--to',
      'r@elsewhere.test',
      '--body',
      'x',
    ]);
    server.kill();
    strictEqual(capture.envelope(), 'Fs@swaks.test\0Tr@elsewhere.test\0\0');
    match(
      capture.message() ?? '',
      /^Received: from unknown \(HELO swaks\.test\) \(joe@127\.0\.0\.1\)\n {2}by ref\.test with ESMTPSA; /,
    );
  },
);

test('smtp-source, several sessions at the same time', needs('smtp-source'), async () => {
  const source = findProgram('smtp-source') ?? '';
  const delivered = hub.lines.filter((line) => /^delivery \d+: success/.test(line)).length;
  const args = [
    '-s',
    '5',
    '-m',
    '20',
    '-r',
    '2',
    '-l',
    '3000',
    '-f',
    's@source.test',
    '-t',
    'source@hub.test',
  ];
  await run(source, [...args, `127.0.0.1:${port}`]);
  await hub.count(/^delivery \d+: success/, delivered + 40);
});

test('msmtp, in TLS', needs('msmtp'), async () => {
  const args = ['--host=127.0.0.1', `--port=${port}`, '--tls=on', '--tls-certcheck=off', '--auth=off'];
  const child = spawn('msmtp', ['-C', '/dev/null', ...args, '--from=s@msmtp.test', 'msmtp@hub.test']);
  child.stdin.end('Subject: of msmtp\n\n.a line\n');
  deepStrictEqual(await once(child, 'close'), [0, null]);
  const [text = ''] = await mailFor('msmtp');
  strictEqual(received(text), 'ESMTPS');
  match(text, /\n\n\.a line\n$/);
});

test('Postfix relays, and takes a refusal for what it is', { skip: postfixMissing() }, async () => {
  const postfix = await startPostfix({ relayPort: port });
  try {
    const message = `Subject: relayed\n\n${'x'.repeat(70)}\n.\n`;
    match(
      await submitRequest(postfix.qmqpPort, qmqpRequest(message, 's@p.test', 'a@hub.test', 'b@hub.test')),
      /:K/,
    );
    match(await submitRequest(postfix.qmqpPort, qmqpRequest(message, '', 'c@elsewhere.test')), /:K/);
    const [text = ''] = await mailFor('b');
    match(text, /by postfix\.test \(Postfix\)/);
    match(text, /\nx{70}\n\.\n$/);
    strictEqual(received(text), 'ESMTPS');
    await mailFor('a');
    await until('the refusal', () =>
      /c@elsewhere\.test.*dsn=5\.7\.1/.test(postfix.log()) ? true : undefined,
    );
  } finally {
    await postfix.stop();
  }
});

test('nodemailer, over a connection that it keeps', async () => {
  const transport = createTransport({
    ...{ host: '127.0.0.1', port, pool: true, maxConnections: 1, tls: { rejectUnauthorized: false } },
  });
  for (const subject of ['one', 'two \u{1f4ec}'])
    await transport.sendMail({ from: 's@node.test', to: 'node@hub.test', subject, text: `.${subject}\r\n.` });
  transport.close();
  const texts = await mailFor('node', 2);
  deepStrictEqual(texts.map(received), ['ESMTPS', 'ESMTPS']);
});
