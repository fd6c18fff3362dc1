import { deepStrictEqual, match, ok, rejects, strictEqual } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { listenQmqp, type QmqpListenerOptions, qmqpServerLimits } from '../../src/serve/index.ts';
import type { Answer } from '../../src/system/index.ts';
import { findProgram, needs } from '../support/foreign.ts';
import { memoryIntake } from '../support/memory-intake.ts';
import { qmqpPeer, qmqpRequest, submitRequest } from '../support/qmqp-peer.ts';

const request = qmqpRequest('Subject: q\n\nbody\n', 's@x', 'r@y');

async function listen(own: Partial<QmqpListenerOptions> = {}) {
  const lines: string[] = [];
  const options = {
    address: '127.0.0.1',
    port: 0,
    intake: memoryIntake(),
    localHost: 'hub.test',
    log: (line: string) => lines.push(line),
    ...own,
  };
  const listener = await listenQmqp(options);
  return { listener, port: listener.address.port, lines };
}

test('messages come in with a Received field that names the peer', async () => {
  const intake = memoryIntake();
  const { listener, port, lines } = await listen({ intake });
  match(await submitRequest(port, request), /^\d+:Kok \d+ qp 1,$/);
  await listener.close();
  const [message] = intake.messages;
  deepStrictEqual(message?.origin, { caller: 'network', host: '127.0.0.1' });
  deepStrictEqual(message?.envelope, { sender: 's@x', recipients: ['r@y'] });
  match(
    message?.text ?? '',
    /^Received: from unknown \(127\.0\.0\.1\)\n {2}by hub\.test with QMQP; \d+ \w+ \d{4} [\d:]{8} -0000\nSubject: q\n\nbody\n$/,
  );
  deepStrictEqual(lines, []);
});

test('without a name the host is the address that was connected to', async () => {
  const intake = memoryIntake();
  const { listener, port } = await listen({ intake, localHost: undefined });
  await submitRequest(port, request);
  await listener.close();
  match(intake.messages[0]?.text ?? '', /\n {2}by 127\.0\.0\.1 with QMQP;/);
});

test('IPv6, and IPv4 through it', async (context) => {
  const intake = memoryIntake();
  const listening = await listen({ intake, address: '::' }).catch(() => undefined);
  if (listening === undefined) {
    context.skip('this machine has no IPv6');
    return;
  }
  for (const host of ['::1', '127.0.0.1']) {
    const peer = await qmqpPeer(listening.port, host);
    peer.send(request);
    match(await peer.reply, /^\d+:Kok/);
  }
  await listening.listener.close();
  deepStrictEqual(
    intake.messages.map((message) => message.origin.host),
    ['::1', '127.0.0.1'],
  );
});

test('what is refused is logged, and nobody can forge a line', async () => {
  const intake = memoryIntake({ answer: () => ({ verdict: 'Z', text: 'disk full\nqmqpd: peer=evil' }) });
  const { listener, port, lines } = await listen({ intake });
  await submitRequest(port, 'no netstring');
  await submitRequest(port, request);
  await listener.close();
  deepStrictEqual(lines, [
    'qmqpd: peer=127.0.0.1 verdict=D text="this is no QMQP request (#5.5.2)"',
    'qmqpd: peer=127.0.0.1 verdict=Z text="disk full\\x0aqmqpd: peer=evil"',
  ]);
});

test('connections over a limit are told so, and the next one after them is served', async () => {
  for (const own of [{ connectionsMax: 2 }, { connectionsPerPeerMax: 2 }]) {
    const intake = memoryIntake();
    const { listener, port } = await listen({ intake, limits: { ...qmqpServerLimits, ...own } });
    const open = [await qmqpPeer(port), await qmqpPeer(port)];
    const third = await qmqpPeer(port);
    third.send(request);
    match(await third.reply, /^\d+:Z.*\(#4\.3\.2\),$/);
    for (const peer of open) {
      peer.send(request);
      match(await peer.reply, /^\d+:Kok/);
    }
    match(await submitRequest(port, request), /^\d+:Kok/);
    await listener.close();
    strictEqual(intake.messages.length, 3);
  }
});

test('one peer at its limit does not keep out another', async () => {
  const limits = { ...qmqpServerLimits, connectionsPerPeerMax: 1 };
  const { listener, port } = await listen({ limits });
  const first = await qmqpPeer(port);
  const other = await qmqpPeer(port, '127.0.0.1', '127.0.0.2');
  other.send(request);
  match(await other.reply, /^\d+:Kok/);
  first.send(request);
  match(await first.reply, /^\d+:Kok/);
  await listener.close();
});

test('refusals are limited too: beyond them the connection is closed without a word', async () => {
  const limits = { ...qmqpServerLimits, connectionsMax: 1, refusalsMax: 1 };
  const { listener, port } = await listen({ limits });
  const first = await qmqpPeer(port);
  const second = await qmqpPeer(port);
  second.socket.pause();
  const third = await qmqpPeer(port);
  strictEqual(await third.reply, '');
  second.socket.resume();
  match(await second.reply, /:Z/);
  first.send(request);
  match(await first.reply, /:K/);
  await listener.close();
});

test('who may not send is told so at once, also when the connection has sent much already', async () => {
  const intake = memoryIntake();
  let allowed = false;
  const { listener, port, lines } = await listen({
    intake,
    refusal: (ip) => (allowed ? undefined : { verdict: 'Z', text: `not ${ip} (#4.7.1)` }),
  });
  strictEqual(await (await qmqpPeer(port)).reply, '23:Znot 127.0.0.1 (#4.7.1),');
  const long = qmqpRequest('x'.repeat(3_000_000), 's@x', 'r@y');
  strictEqual(await submitRequest(port, long), '23:Znot 127.0.0.1 (#4.7.1),');
  allowed = true;
  match(await submitRequest(port, request), /^\d+:Kok/);
  await listener.close();
  strictEqual(intake.begun, 1);
  deepStrictEqual(lines, new Array(2).fill('qmqpd: peer=127.0.0.1 verdict=Z text="not 127.0.0.1 (#4.7.1)"'));
});

test('its own clock ends what is silent', async () => {
  const { listener, port } = await listen({ limits: { ...qmqpServerLimits, idleMs: 40 } });
  const peer = await qmqpPeer(port);
  peer.send('45:');
  match(await peer.reply, /^\d+:Z.*\(#4\.4\.2\),$/);
  await listener.close();
});

test('closing finishes what has begun and refuses what has not', async () => {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  let committed = () => {};
  const committing = new Promise<void>((done) => {
    committed = done;
  });
  const intake = memoryIntake({
    answer() {
      committed();
      return promise;
    },
  });
  const { listener, port } = await listen({ intake });
  const silent = await qmqpPeer(port);
  const waiting = await qmqpPeer(port);
  waiting.send(request);
  await committing;
  let closed = false;
  const closing = listener.close().then(() => {
    closed = true;
  });
  match(await silent.reply, /^\d+:Z.*\(#4\.3\.2\),$/);
  await rejects(qmqpPeer(port), /ECONNREFUSED/);
  ok(!closed);
  resolve({ verdict: 'K', text: '' });
  match(await waiting.reply, /^\d+:Kok/);
  await closing;
});

test('closing waits for half a request no longer than it is told to', async () => {
  const intake = memoryIntake();
  const { listener, port } = await listen({ intake });
  const half = await qmqpPeer(port);
  half.send('45:17:');
  while (intake.begun === 0) await new Promise(setImmediate);
  await Promise.all([listener.close(20), half.reply.then((reply) => match(reply, /^\d+:Z.*\(#4\.3\.2\),$/))]);
  strictEqual(intake.aborted, 1);
});

test('a port that is taken is an error', async () => {
  const { listener, port } = await listen();
  await rejects(listenQmqp({ address: '127.0.0.1', port, intake: memoryIntake() }), /EADDRINUSE/);
  await listener.close();
});

test('Postfix’s qmqp-source, 50 connections at a time', needs('qmqp-source'), async () => {
  const intake = memoryIntake();
  const { listener, port } = await listen({ intake });
  const args = ['-s', '50', '-m', '1000', '-l', '2000', '-f', 's@x.test', '-t', 'r@y.test'];
  await promisify(execFile)(findProgram('qmqp-source') ?? '', [...args, `127.0.0.1:${port}`]);
  await listener.close();
  strictEqual(intake.messages.length, 1000);
  for (const { text, envelope } of intake.messages) {
    deepStrictEqual(envelope, { sender: 's@x.test', recipients: ['r@y.test'] });
    ok(text.length > 2000);
  }
});
