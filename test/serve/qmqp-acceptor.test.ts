import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type QmqpServerLimits, qmqpServerLimits } from '../../src/serve/index.ts';
import { createQmqpAcceptor, type QmqpAcceptor } from '../../src/serve/qmqp-acceptor.ts';
import type { Answer } from '../../src/system/index.ts';
import { type QmqpPeer, qmqpPeer, qmqpRequest } from '../support/qmqp-peer.ts';

const request = qmqpRequest('m', 's', 'r');

interface Accepting {
  readonly acceptor: QmqpAcceptor;
  connect(): Promise<QmqpPeer>;
  /** Peers that were greeted, and what became of their submissions. */
  readonly events: string[];
  readonly log: string[];
}

interface Options {
  readonly limits?: Partial<QmqpServerLimits>;
  readonly answer?: () => Promise<Answer>;
  /** What connections are counted by; all are of one peer without it. */
  readonly peerOf?: (socket: Socket) => string;
}

async function accepting(context: TestContext, options: Options = {}): Promise<Accepting> {
  const events: string[] = [];
  const log: string[] = [];
  const acceptor = createQmqpAcceptor({
    limits: { ...qmqpServerLimits, ...options.limits },
    peerOf: options.peerOf ?? (() => 'peer'),
    greet(socket, peer) {
      events.push(`greet ${peer}`);
      socket.write('hello ');
      return () => ({
        message: () => undefined,
        async complete() {
          events.push('complete');
          return (await options.answer?.()) ?? { verdict: 'K', text: 'ok' };
        },
        abandon: () => events.push('abandon'),
      });
    },
    log: (line) => log.push(line),
  });
  acceptor.server.listen(0, '127.0.0.1');
  await once(acceptor.server, 'listening');
  context.after(() => acceptor.close(0));
  const { port } = acceptor.server.address() as AddressInfo;
  return { acceptor, connect: () => qmqpPeer(port), events, log };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

test('each connection is greeted, and may submit once', async (context) => {
  const { connect, events, log } = await accepting(context);
  const peer = await connect();
  peer.send(request);
  strictEqual(await peer.reply, 'hello 3:Kok,');
  deepStrictEqual(events, ['greet peer', 'complete']);
  deepStrictEqual(log, []);
});

test('every answer but K is logged, with control characters escaped', async (context) => {
  const answer = async (): Promise<Answer> => ({ verdict: 'D', text: 'no\r\nqmqpd: \x1b[2J' });
  const { connect, log } = await accepting(context, { answer, peerOf: () => '192.0.2.1' });
  const peer = await connect();
  peer.send(request);
  await peer.reply;
  deepStrictEqual(log, ['qmqpd: peer=192.0.2.1 verdict=D text="no\\x0d\\x0aqmqpd: \\x1b[2J"']);
});

test('one beyond the limit is not greeted, and its place is free as soon as another one goes', async (context) => {
  const { connect, events } = await accepting(context, { limits: { connectionsMax: 1 } });
  const first = await connect();
  await until(() => events.length === 1);
  const second = await connect();
  second.send(request);
  match(await second.reply, /^\d+:Ztoo many connections \(#4\.3\.2\),$/);
  first.socket.destroy();
  let reply = '';
  while (!reply.startsWith('hello')) {
    const next = await connect();
    next.send(request);
    reply = await next.reply;
  }
  strictEqual(reply, 'hello 3:Kok,');
  deepStrictEqual(events, ['greet peer', 'greet peer', 'complete']);
});

test('a connection that could not be accepted does not stop the clock', async (context) => {
  const { acceptor, connect } = await accepting(context, { limits: { idleMs: 40 } });
  acceptor.server.emit('error', new Error('accept ENOBUFS'));
  const peer = await connect();
  match(await peer.reply, /^hello \d+:Z.*\(#4\.4\.2\),$/);
});

test('an address that cannot be had leaves no clock behind', async (context) => {
  const { acceptor } = await accepting(context);
  const { port } = acceptor.server.address() as AddressInfo;
  const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const other = createQmqpAcceptor({
    limits: qmqpServerLimits,
    peerOf: () => 'peer',
    greet: () => () => {
      throw new Error('not to be called');
    },
    log: () => {},
  });
  other.server.listen(port, '127.0.0.1');
  const [error] = await once(other.server, 'error');
  strictEqual(error.code, 'EADDRINUSE');
  strictEqual(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length, before);
});

test('closing waits for a request that has begun, as long as its grace lasts', async (context) => {
  const sockets: Socket[] = [];
  const peerOf = (socket: Socket) => {
    sockets.push(socket);
    return 'peer';
  };
  const { acceptor, connect } = await accepting(context, { peerOf });
  const peer = await connect();
  const slow = await connect();
  for (const { send } of [peer, slow]) send(request.slice(0, 3));
  await until(() => sockets.length === 2 && sockets.every((socket) => socket.bytesRead === 3));
  const closed = acceptor.close(200);
  peer.send(request.slice(3));
  strictEqual(await peer.reply, 'hello 3:Kok,');
  match(await slow.reply, /^hello \d+:Zthis server is shutting down \(#4\.3\.2\),$/);
  await closed;
});

test('closing with nobody there is done at once, and nobody gets in any more', async (context) => {
  const { acceptor, connect } = await accepting(context);
  await acceptor.close();
  const refused = await connect().then(
    () => false,
    (error: unknown) => /ECONNREFUSED/.test(String(error)),
  );
  strictEqual(refused, true);
});
