/** qmail-qmqpd as a process: the recorded answers of the original, tcpserver, its own listener, and bad input. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findProgram, needs } from '../support/foreign.ts';
import { captureQueue, temporaryDirectory, temporaryHome } from '../support/home.ts';
import { qmqpPeer, qmqpRequest, submitRequest } from '../support/qmqp-peer.ts';
import { checkReply, type QmqpdCase, qmqpdRules, replyView } from '../support/qmqpd-vectors.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';
import { until } from '../support/until.ts';
import { unusedPort } from '../support/unused-port.ts';
import { vectors } from '../support/vectors.ts';

const hubMain = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

const request = qmqpRequest('Subject: q\n\nbody\n', 's@x.y', 'a@b.c');

async function run(vector: Pick<QmqpdCase, 'stdin'> & Partial<QmqpdCase>) {
  const exit = vector.capture_env?.['CAPTURE_EXIT'];
  const capture = captureQueue(exit === undefined ? {} : { exit: Number(exit) });
  const env = { QMAILHOME: temporaryHome(vector.control ?? {}), QMAILQUEUE: capture.program, ...vector.env };
  const ended = await runProgram({ program: 'qmail-qmqpd', env, stdin: vector.stdin });
  checkReply(ended.stdout);
  return { ...ended, msg_out: capture.message(), env_out: capture.envelope() };
}

for (const file of ['qmqpd.json', 'qmqpd-queue-exit.json']) {
  vectors<QmqpdCase>({ file, rules: qmqpdRules, views: { stdout: replyView }, run });
}

const children = new Set<ChildProcess>();

after(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** A stand-in for qmail-queue that keeps every message in a file of its own; `first` runs before it reads. */
function keepingQueue(first = '') {
  const directory = temporaryDirectory();
  mkdirSync(`${directory}/kept`);
  const script = `#!/bin/sh\n${first}\ncat >'${directory}'/$$ && mv '${directory}'/$$ '${directory}'/kept/$$\n`;
  writeFileSync(`${directory}/queue`, script, { mode: 0o755 });
  return {
    program: `${directory}/queue`,
    directory,
    messages: () =>
      readdirSync(`${directory}/kept`).map((name) => readFileSync(`${directory}/kept/${name}`, 'latin1')),
  };
}

async function listen(env: Readonly<Record<string, string>>, ...where: readonly string[]) {
  const args = where.flatMap((address) => ['--listen', address]);
  const child = spawn(process.execPath, [hubMain, 'qmail-qmqpd', ...args], {
    env: { PATH: '/usr/bin:/bin', QMAILHOME: temporaryHome({ me: 'hub.test\n' }), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ports: number[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => ports.push(Number(/^listening qmqp .*:(\d+)$/.exec(line)?.[1])));
  const ended = once(child, 'close').then(([code]): number => code);
  while (ports.length < where.length) await once(lines, 'line');
  return {
    port: ports[0] ?? 0,
    ports,
    stderr: () => stderr,
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

test('it listens by itself, and ends with a signal', async () => {
  const queue = keepingQueue();
  const { port, stop, stderr } = await listen({ QMAILQUEUE: queue.program }, '127.0.0.1:0');
  match(checkReply(await submitRequest(port, request)), /^\d+:Kok \d+ qp 1,$/);
  match(checkReply(await submitRequest(port, request)), /^\d+:Kok \d+ qp 2,$/);
  strictEqual(await stop(), 0);
  strictEqual(stderr(), '');
  strictEqual(queue.messages().length, 2);
  for (const message of queue.messages()) {
    match(
      message,
      /^Received: from unknown \(127\.0\.0\.1\)\n {2}by hub\.test with QMQP; .*\nSubject: q\n\nbody\n$/,
    );
  }
});

test('on several addresses', async () => {
  const { ports, stop } = await listen({ QMAILQUEUE: keepingQueue().program }, '127.0.0.1:0', '127.0.0.2:0');
  strictEqual(new Set(ports).size, 2);
  const second = await qmqpPeer(ports[1] ?? 0, '127.0.0.2');
  second.send(request);
  match(await second.reply, /:Kok/);
  strictEqual(await stop(), 0);
});

test('a queue program that takes its time does not hold up the others, and knows who sends', async () => {
  // The first message waits for a file that the test makes when the second one is through.
  const queue = keepingQueue(
    'cd "$(dirname "$0")"; if mkdir first 2>/dev/null; then while [ ! -e go ]; do sleep 0.01; done; fi; ' +
      'echo "$PROTO $TCPREMOTEIP" >>peers',
  );
  const { port, stop } = await listen({ QMAILQUEUE: queue.program }, '127.0.0.1:0');
  const first = submitRequest(port, request);
  while (!readdirSync(queue.directory).includes('first')) await new Promise(setImmediate);
  match(await submitRequest(port, request), /:Kok/);
  strictEqual(queue.messages().length, 1);
  const stopped = stop();
  writeFileSync(`${queue.directory}/go`, '');
  match(await first, /:Kok/);
  strictEqual(await stopped, 0);
  strictEqual(queue.messages().length, 2);
  strictEqual(readFileSync(`${queue.directory}/peers`, 'latin1'), 'TCP 127.0.0.1\n'.repeat(2));
});

test('its limits are control files', async () => {
  const serve = async (controls: Readonly<Record<string, string>>) =>
    listen({ QMAILHOME: temporaryHome(controls), QMAILQUEUE: keepingQueue().program }, '127.0.0.1:0');
  const small = await serve({ qmqpdatabytes: '100\n', qmqprecipients: '2\n' });
  match(await submitRequest(small.port, qmqpRequest('x'.repeat(101), 's', 'r')), /:D.*\(#5\.3\.4\)/);
  match(await submitRequest(small.port, qmqpRequest('x', 's', 'r', 'r', 'r')), /:D.*\(#5\.5\.3\)/);
  match(await submitRequest(small.port, qmqpRequest('x'.repeat(100), 's', 'r', 'r')), /:Kok/);
  strictEqual(await small.stop(), 0);
  deepStrictEqual(small.stderr().match(/(?<=verdict=)[KZD]/g), ['D', 'D']);
  const narrow = await serve({ concurrencyqmqpperip: '1\n' });
  const open = await qmqpPeer(narrow.port);
  match(await submitRequest(narrow.port, request), /:Z.*\(#4\.3\.2\)/);
  open.send(request);
  match(await open.reply, /:Kok/);
  strictEqual(await narrow.stop(), 0);
});

test('control/qmqprules says who may send, and is read again on SIGHUP unless it is bad', async () => {
  const queue = keepingQueue();
  const home = temporaryHome({ me: 'hub.test\n', qmqprules: '127.0.0.1:deny\n127.:allow\n' });
  const hub = await listen({ QMAILHOME: home, QMAILQUEUE: queue.program }, '127.0.0.1:0');
  const from = async (localAddress: string) => {
    const peer = await qmqpPeer(hub.port, '127.0.0.1', localAddress);
    peer.send(request);
    return (await peer.reply).replace(/^\d+:/, '');
  };
  const reload = async (rules: string, line: RegExp) => {
    writeFileSync(`${home}/control/qmqprules`, rules);
    hub.signal('SIGHUP');
    await until(String(line), () => (line.test(hub.stderr()) ? true : undefined));
  };
  match(
    await from('127.0.0.1'),
    /^Z127\.0\.0\.1 is not allowed to send here by control\/qmqprules \(#4\.7\.1\),$/,
  );
  match(await from('127.0.0.2'), /^K/);
  await reload(
    '127.0.0.2:deny\n127.0.0.1 allow\n',
    /rules kept as they were: .*qmqprules: this line has no colon/,
  );
  match(await from('127.0.0.2'), /^K/);
  await reload('127.0.0.2:deny\n:allow\n', /qmqprules read again/);
  match(await from('127.0.0.2'), /^Z/);
  match(await from('127.0.0.1'), /^K/);
  strictEqual(await hub.stop(), 0);
  strictEqual(queue.messages().length, 3);
  match(hub.stderr(), /^qmqpd: peer=127\.0\.0\.1 verdict=Z text="127\.0\.0\.1 is not allowed/);
});

test('rules that make no sense keep it from starting', async () => {
  const home = temporaryHome({ qmqprules: '127.0.0.1:sometimes\n' });
  const ended = await runProgram({
    program: 'qmail-qmqpd',
    args: ['--listen', '127.0.0.1:0'],
    env: { QMAILHOME: home },
  });
  strictEqual(ended.exit, 111);
  match(ended.stderr, /control\/qmqprules: unable to parse this line: 127\.0\.0\.1:sometimes/);
});

test('calls that make no sense, and addresses that cannot be had', async () => {
  const env = { QMAILHOME: temporaryHome({}) };
  const exitOf = async (...args: readonly string[]) =>
    (await runProgram({ program: 'qmail-qmqpd', args, env, stdin: request })).exit;
  strictEqual(await exitOf('operand'), 100);
  strictEqual(await exitOf('--listen'), 100);
  strictEqual(await exitOf('--listen', 'hub.test:628'), 100);
  strictEqual(await exitOf('--listen', '192.0.2.1:0'), 111);
  const nowhere = { QMAILHOME: `${temporaryDirectory()}/missing` };
  const { exit, stderr } = await runProgram({ program: 'qmail-qmqpd', env: nowhere, stdin: request });
  strictEqual(exit, 111);
  match(stderr, /^qmail-qmqpd: fatal: .*missing/);
});

test('a queue program that is not there is temporary', async () => {
  const env = { QMAILHOME: temporaryHome({}), QMAILQUEUE: '/missing/queue' };
  const { exit, stdout } = await runProgram({ program: 'qmail-qmqpd', env, stdin: request });
  strictEqual(exit, 0);
  match(stdout, /^\d+:Z.*\(#4\.3\.0\)/);
});

test('control/qmailqueue names a program too, relative to the home', async () => {
  const capture = captureQueue();
  const home = temporaryHome({ qmailqueue: 'bin/queue\n' });
  mkdirSync(`${home}/bin`);
  writeFileSync(`${home}/bin/queue`, `#!/bin/sh\nexec '${capture.program}'\n`, { mode: 0o755 });
  const ended = await runProgram({ program: 'qmail-qmqpd', env: { QMAILHOME: home }, stdin: request });
  match(ended.stdout, /:Kok/);
  strictEqual(capture.envelope(), 'Fs@x.y\0Ta@b.c\0\0');
});

test('bad input: each has an answer of its own, and reaches no queue', async () => {
  const long = 'x'.repeat(2000);
  const cases: readonly (readonly [input: string, exit: number, reply: RegExp])[] = [
    ['4a:', 100, /^\d+:D.*\(#5\.5\.2\),$/],
    [request.replace(',5:s', ';5:s'), 100, /^\d+:D.*\(#5\.5\.2\),$/],
    [`${request.slice(0, -1)}.`, 100, /^\d+:D.*\(#5\.5\.2\),$/],
    ['99999999999:', 111, /^\d+:D.*\(#5\.3\.4\),$/],
    [qmqpRequest('m', 's', long), 0, /^\d+:D.*\(#5\.1\.3\),$/],
    [qmqpRequest('m', long, 'r'), 0, /^\d+:D.*\(#5\.1\.3\),$/],
    [qmqpRequest('m', 's', 'a\0b', 'r'), 0, /^\d+:D.*\(#5\.1\.3\),$/],
    [request.slice(0, -1), 0, /^$/],
    ['', 0, /^$/],
  ];
  for (const [stdin, exit, reply] of cases) {
    const ended = await run({ stdin });
    strictEqual(ended.exit, exit, stdin.slice(0, 40));
    match(ended.stdout, reply);
    deepStrictEqual([ended.msg_out, ended.env_out], [null, null]);
  }
  const nobody = await run({ stdin: qmqpRequest('m', 's') });
  match(nobody.stdout, /:Kok/);
  strictEqual(nobody.env_out, 'Fs\0\0');
});

test('a request that is cut at any byte leaves nothing behind', async () => {
  const queue = keepingQueue();
  const { port, stop } = await listen({ QMAILQUEUE: queue.program }, '127.0.0.1:0');
  const cut = async (end: number) => {
    const peer = await qmqpPeer(port);
    peer.socket.end(request.slice(0, end), 'latin1');
    strictEqual(await peer.reply, '');
  };
  await Promise.all(Array.from({ length: request.length }, (_, end) => cut(end)));
  match(await submitRequest(port, request), /:Kok/);
  strictEqual(await stop(), 0);
  strictEqual(queue.messages().length, 1);
});

test('a satellite hears from the hub why its address is no good', async () => {
  const { port, stop } = await listen({ QMAILQUEUE: keepingQueue().program }, '127.0.0.1:0');
  const env = { QMAILHOME: temporaryHome({ qmqpservers: `127.0.0.1:${port}\n` }) };
  const envelope = `Fs@x.y\0T${'r'.repeat(2000)}\0\0`;
  const ended = await runProgram({ program: 'qmail-queue', env, stdin: 'm', envelope, main: satelliteMain });
  strictEqual(ended.exit, 31);
  match(ended.stderr, /\(#5\.1\.3\)/);
  strictEqual(await stop(), 0);
});

test('under tcpserver it takes messages from qmqp-source', needs('tcpserver', 'qmqp-source'), async () => {
  const queue = keepingQueue();
  const port = await unusedPort();
  const args = [
    '-v',
    '-RHl',
    'hub.test',
    '127.0.0.1',
    String(port),
    process.execPath,
    hubMain,
    'qmail-qmqpd',
  ];
  const server = spawn(findProgram('tcpserver') ?? '', args, {
    env: { PATH: '/usr/bin:/bin', QMAILHOME: temporaryHome({}), QMAILQUEUE: queue.program },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.add(server);
  const lines: string[] = [];
  const log = createInterface({ input: server.stderr });
  log.on('line', (line) => lines.push(line));
  await once(log, 'line');
  const load = ['-s', '3', '-m', '12', '-l', '3000', '-f', 's@x.test', '-t', 'r@y.test', `127.0.0.1:${port}`];
  await promisify(execFile)(findProgram('qmqp-source') ?? '', load);
  const ends = () => lines.filter((line) => line.startsWith('tcpserver: end'));
  while (ends().length < 12) await once(log, 'line');
  server.kill();
  strictEqual(queue.messages().length, 12);
  for (const message of queue.messages()) {
    match(message, /^Received: from unknown \(127\.0\.0\.1\)\n {2}by hub\.test with QMQP; /);
    ok(message.length > 3000);
  }
  ok(ends().every((line) => line.endsWith('status 0')));
});
