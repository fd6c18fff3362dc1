/** qmail-smtpd as a process: the recorded answers of the original, and its own listener. */
import { match, strictEqual } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { captureQueue, referenceControls, temporaryDirectory, temporaryHome } from '../support/home.ts';
import { identityOf } from '../support/identity.ts';
import { runProgram } from '../support/run-program.ts';
import { smtpPeer, smtpsPeer } from '../support/smtp-peer.ts';
import { type SmtpdCase, sessionView, smtpdRules } from '../support/smtpd-vectors.ts';
import { until } from '../support/until.ts';
import { vectors } from '../support/vectors.ts';

const hubMain = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

function controlsOf({ control }: Pick<SmtpdCase, 'control'>): Readonly<Record<string, string>> {
  const all = Object.entries({ ...referenceControls, ...control });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
}

async function run(vector: SmtpdCase) {
  const exit = vector.capture_env['CAPTURE_EXIT'];
  const capture = captureQueue(exit === undefined ? {} : { exit: Number(exit) });
  const env = { QMAILHOME: temporaryHome(controlsOf(vector)), QMAILQUEUE: capture.program, ...vector.env };
  const ended = await runProgram({ program: 'qmail-smtpd', env, stdin: vector.stdin });
  return { ...ended, msg_out: capture.message(), env_out: capture.envelope() };
}

for (const file of ['smtpd.json', 'smtpd-queue-exit.json']) {
  vectors<SmtpdCase>({ file, rules: smtpdRules, views: { stdout: sessionView }, run });
}

const children = new Set<ChildProcess>();

after(() => {
  for (const child of children) child.kill('SIGKILL');
});

interface Listening {
  readonly controls?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly args: readonly string[];
}

/** qmail-smtpd as a listener, with a program in the place of the queue. */
async function listen({ controls = {}, env = {}, args }: Listening) {
  const home = temporaryHome({ ...referenceControls, ...controls });
  const capture = captureQueue();
  const child = spawn(process.execPath, [hubMain, 'qmail-smtpd', ...args], {
    env: { PATH: '/usr/bin:/bin', QMAILHOME: home, QMAILQUEUE: capture.program, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const services: Record<string, number> = {};
  const expected = args.filter((arg) => arg.endsWith('listen')).length;
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const [, service = '', port] = /^listening (\w+) .*:(\d+)$/.exec(line) ?? [];
    services[service] = Number(port);
  });
  const ended = once(child, 'close').then(([code]): number => code);
  while (Object.keys(services).length < expected) await once(lines, 'line');
  return {
    home,
    port: services['smtp'] ?? 0,
    securePort: services['smtps'] ?? 0,
    capture,
    stderr: () => stderr,
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

const here = '127.0.0.1:0';

test('it listens, in TLS and not, and reads rules and certificate again on SIGHUP', async () => {
  const controls = { 'servercert.pem': await identityOf('ref.test') };
  const server = await listen({ controls, args: ['--listen', here, '--secure-listen', here] });
  const peer = smtpPeer(server.port);
  match(await peer.reply(), /^220 ref\.test ESMTP/);
  match(await peer.ask('EHLO c.test'), /STARTTLS/);
  for (const command of ['MAIL FROM:<s@x.y>', 'RCPT TO:<r@ref.test>', 'DATA'])
    match(await peer.ask(command), /^[23]/);
  match(await peer.ask('Subject: t\r\n\r\nline\r\n.'), /^250 2\.0\.0 ok \d+ qp \d+$/);
  match(
    server.capture.message() ?? '',
    /^Received: from unknown \(HELO c\.test\) \(127\.0\.0\.1\)\n {2}by ref\.test with ESMTP; .*\nSubject: t\n\nline\n$/,
  );
  const secure = smtpsPeer(server.securePort);
  match(await secure.reply(), /^220/);
  secure.destroy();

  writeFileSync(`${server.home}/control/smtprules`, ':deny\n');
  writeFileSync(`${server.home}/control/servercert.pem`, 'bad\n');
  server.signal('SIGHUP');
  await until('the new rules', () => (server.stderr().includes('read again') ? true : undefined));
  match(server.stderr(), /alert: smtpd: certificate kept as before: .*servercert\.pem cannot be used/);
  match(await smtpPeer(server.port).closed, /^421 4\.7\.1/);
  match(await peer.ask('STARTTLS'), /^220/);
  await peer.secure();
  strictEqual(await server.stop(), 0);
});

test('a checkpassword program says who may send to anywhere', async () => {
  const controls = { 'servercert.pem': await identityOf('ref.test') };
  const check = `${temporaryDirectory()}/check`;
  writeFileSync(check, '#!/bin/sh\n[ "$(tr "\\000" : <&3)" = user:pass:: ] || exit 1\nexec "$@"\n', {
    mode: 0o755,
  });
  const server = await listen({ controls, args: ['--secure-listen', here, check] });
  const peer = smtpsPeer(server.securePort);
  await peer.reply();
  const auth = (user: string) => `AUTH PLAIN ${Buffer.from(`\0${user}\0pass`).toString('base64')}`;
  match(await peer.ask(auth('other')), /^535/);
  match(await peer.ask(auth('user')), /^235/);
  await peer.ask('MAIL FROM:<s@x.y>');
  match(await peer.ask('RCPT TO:<r@elsewhere.test>'), /^250/);
  strictEqual(await server.stop(), 0);
});

test('what keeps it from starting', async () => {
  const start = (controls: Readonly<Record<string, string>>, ...args: readonly string[]) =>
    runProgram({ program: 'qmail-smtpd', args, env: { QMAILHOME: temporaryHome(controls) } });
  const failed = [
    await start({}),
    await start({}, '--listen', here),
    await start({ me: 'ref.test\n', smtprules: 'x\n' }, '--listen', here),
    await start({ me: 'ref.test\n' }, '--secure-listen', here),
    await start({ me: 'ref.test\n', 'servercert.pem': 'x\n' }),
  ];
  for (const { exit, stderr } of failed) {
    strictEqual(exit, 111);
    match(stderr, /^qmail-smtpd: fatal: .*control\//);
  }
  strictEqual((await start({}, '--nonsense')).exit, 100);
  strictEqual((await start({ me: 'ref.test\n' }, '--listen', 'nowhere')).exit, 100);
});
