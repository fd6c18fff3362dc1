import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { type QmqpServerLimits, qmqpServerLimits } from '../../src/serve/index.ts';
import { networkSubmission } from '../../src/serve/network-submission.ts';
import { type Connection, startConnection } from '../../src/serve/qmqp-connection.ts';
import type { Answer } from '../../src/system/index.ts';
import { type MemoryIntake, memoryIntake } from '../support/memory-intake.ts';
import { type QmqpPeer, qmqpPeer, qmqpRequest } from '../support/qmqp-peer.ts';

const host = { remoteHost: 'unknown', remoteIp: '192.0.2.7', localHost: 'hub.test' };

interface Served {
  readonly peer: QmqpPeer;
  readonly socket: Socket;
  readonly connection: Connection;
  readonly intake: MemoryIntake;
  readonly replies: readonly Answer[];
  readonly closed: Promise<void>;
  /** Moves the clock and lets the connection look at it. */
  passMs(ms: number): void;
}

/** One connection, with a clock that the test moves. */
async function serve(intake: MemoryIntake, own: Partial<QmqpServerLimits> = {}): Promise<Served> {
  const server = createServer({ allowHalfOpen: true });
  after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const peer = await qmqpPeer((server.address() as AddressInfo).port);
  const [socket] = await accepted;
  let nowMs = 1000;
  const replies: Answer[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const connection = startConnection(socket, {
    limits: { ...qmqpServerLimits, ...own },
    monotonic: () => nowMs,
    begin: () => networkSubmission(intake, host, 'QMQP', () => 0),
    onReply: (answer) => replies.push(answer),
    onClose: resolve,
  });
  const passMs = (ms: number) => {
    nowMs += ms;
    connection.tick(nowMs);
  };
  return { peer, socket, connection, intake, replies, closed, passMs };
}

const request = qmqpRequest('Subject: q\n\nbody\n', 's@x', 'r@y');

async function received(socket: Socket, sizeBytes: number): Promise<void> {
  while (socket.bytesRead < sizeBytes) await once(socket, 'data');
}

test('a request, its reply, and the end', async () => {
  const { peer, intake, replies, closed } = await serve(memoryIntake());
  peer.send(request);
  strictEqual(await peer.reply, '10:Kok 0 qp 1,');
  await closed;
  deepStrictEqual(intake.messages[0]?.envelope, { sender: 's@x', recipients: ['r@y'] });
  deepStrictEqual(replies, [{ verdict: 'K', text: 'ok 0 qp 1' }]);
});

test('a peer that closes its half behind the request gets its reply', async () => {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const { peer, socket } = await serve(memoryIntake({ answer: () => promise }));
  peer.socket.end(request, 'latin1');
  await once(socket, 'end');
  resolve({ verdict: 'Z', text: 'disk full' });
  strictEqual(await peer.reply, '10:Zdisk full,');
});

test('a peer that goes away behind its request has handed it over', async () => {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const { peer, intake, socket, closed } = await serve(memoryIntake({ answer: () => promise }));
  peer.send(request);
  await received(socket, request.length);
  peer.socket.resetAndDestroy();
  await closed;
  resolve({ verdict: 'K', text: '' });
  await promise;
  strictEqual(intake.messages.length, 1);
  strictEqual(intake.aborted, 0);
});

test('a request that is cut is forgotten without a word', async () => {
  for (const end of ['end', 'resetAndDestroy'] as const) {
    const { peer, intake, socket, closed } = await serve(memoryIntake());
    peer.send(request.slice(0, -1));
    await received(socket, request.length - 1);
    peer.socket[end]();
    strictEqual(await peer.reply, '');
    await closed;
    deepStrictEqual([intake.begun, intake.aborted, intake.messages.length], [1, 1, 0]);
  }
});

test('an early refusal reaches a peer that goes on sending', async () => {
  const { peer, closed } = await serve(memoryIntake(), { messageBytesMax: 1000 });
  peer.send(`5000000:4000000:${'x'.repeat(4_000_000)}`);
  match(await peer.reply, /^\d+:D.*\(#5\.3\.4\),$/);
  await closed;
});

test('a peer that sends without end is heard for so many bytes only', async () => {
  const { peer, socket, closed, passMs } = await serve(memoryIntake(), { lingerBytesMax: 100_000 });
  const paused = once(socket, 'pause');
  peer.send('x'.repeat(1_000_000));
  await paused;
  strictEqual(socket.destroyed, false);
  passMs(qmqpServerLimits.lingerMs);
  await closed;
});

test('silence is answered with Z when it has lasted too long, and not before', async () => {
  const { peer, intake, socket, passMs, closed } = await serve(memoryIntake());
  peer.send(request.slice(0, 20));
  await received(socket, 20);
  passMs(qmqpServerLimits.idleMs - 1);
  strictEqual(intake.aborted, 0);
  peer.send(request.slice(20, 30));
  await received(socket, 30);
  passMs(qmqpServerLimits.idleMs - 1);
  strictEqual(intake.aborted, 0);
  passMs(1);
  match(await peer.reply, /^\d+:Z.*\(#4\.4\.2\),$/);
  strictEqual(intake.aborted, 1);
  await closed;
});

test('a session ends after its time, however busy it is', async () => {
  const { peer, socket, passMs, intake } = await serve(memoryIntake(), { totalMs: 10_000 });
  for (let count = 1; count <= 10; count += 1) {
    peer.send(request.slice(count - 1, count));
    await received(socket, count);
    strictEqual(intake.aborted, 0);
    passMs(1000);
  }
  match(await peer.reply, /^\d+:Z.*\(#4\.4\.2\),$/);
});

test('the queue may take longer than the peer may be silent, but not longer than the session', async () => {
  const { promise } = Promise.withResolvers<Answer>();
  const served = await serve(memoryIntake({ answer: () => promise }), { totalMs: 1_000_000 });
  served.peer.send(request);
  await received(served.socket, request.length);
  served.passMs(999_999);
  strictEqual(served.socket.destroyed, false);
  served.passMs(1);
  strictEqual(await served.peer.reply, '');
  strictEqual(served.intake.aborted, 0);
});

test('while the disk is behind nothing more is read, and the silence is not the peer’s', async () => {
  const wait = Promise.withResolvers<void>();
  let writes = 0;
  const intake = memoryIntake({
    write() {
      writes += 1;
      return writes === 1 ? wait.promise : undefined;
    },
  });
  const { peer, socket, passMs } = await serve(intake);
  peer.send(request.slice(0, 10));
  if (!socket.isPaused()) await once(socket, 'pause');
  peer.send(request.slice(10));
  passMs(qmqpServerLimits.idleMs);
  strictEqual(socket.isPaused(), true);
  wait.resolve();
  match(await peer.reply, /^\d+:Kok/);
});

test('a peer that does not take its reply is left', async () => {
  const { peer, socket, closed, passMs } = await serve(memoryIntake());
  peer.send('x');
  await received(socket, 1);
  passMs(qmqpServerLimits.lingerMs - 1);
  ok(!socket.destroyed);
  passMs(1);
  ok(socket.destroyed);
  await closed;
});

test('a connection can be refused before it says anything', async () => {
  const { peer, connection, replies } = await serve(memoryIntake());
  strictEqual(connection.begun, false);
  connection.refuse({ verdict: 'Z', text: 'too many' });
  connection.refuse({ verdict: 'Z', text: 'too many' });
  peer.send(request);
  strictEqual(await peer.reply, '9:Ztoo many,');
  deepStrictEqual(replies, [{ verdict: 'Z', text: 'too many' }]);
});
