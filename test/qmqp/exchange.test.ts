import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type ExchangeLimits, type ExchangeWorld, exchange, type TunnelEnd } from '../../qmqp/exchange.ts';
import { formatPackage, type PackageMessage } from '../../qmqp/index.ts';
import { bytesOf, type Network, type Stream, SystemError, UnreadError } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { fingerprintOf, identityOf } from '../support/identity.ts';
import { answering, type Script, scriptedHub } from '../support/scripted-hub.ts';
import { securePeer } from '../support/secure-peer.ts';
import { unusedPort } from '../support/unused-port.ts';

const limits: ExchangeLimits = { connectMs: 5000, idleMs: 5000, totalMs: 20_000 };

const small: PackageMessage = { sizeBytes: 4, chunks: () => [bytesOf('body')] };

/** Larger than what sockets hold, so that a hub that does not read stops the client in the middle. */
const large: PackageMessage = {
  sizeBytes: 32 * 1024 * 1024,
  *chunks() {
    const piece = new Uint8Array(65536).fill(120);
    for (let index = 0; index < 512; index += 1) yield piece;
  },
};

function packageOf(message: PackageMessage) {
  return formatPackage(message, { sender: 's@x', recipients: ['r@y'] });
}

async function talk(script: Script, message = small, own: Partial<ExchangeLimits> = {}) {
  const hub = await scriptedHub(script);
  const world = nodeSystem([]);
  return exchange(world, hub.address, hub.port, packageOf(message), { ...limits, ...own });
}

test('each verdict is an answer', async () => {
  for (const [reply, verdict, text] of [
    ['10:Kok 1 qp 2,', 'K', 'ok 1 qp 2'],
    ['5:Zbusy,', 'Z', 'busy'],
    ['3:Dno,', 'D', 'no'],
    ['8:Kall Zen,', 'K', 'all Zen'],
  ] as const) {
    deepStrictEqual(await talk(answering(reply)), { kind: 'answered', answer: { verdict, text } });
  }
});

test('an answer may come in pieces, and what follows it is ignored', async () => {
  const outcome = await talk(async (connection) => {
    await connection.request();
    for (const byte of '3:Kok,') await new Promise((sent) => connection.socket.write(byte, sent));
    connection.send('3:Dno,');
  });
  deepStrictEqual(outcome, { kind: 'answered', answer: { verdict: 'K', text: 'ok' } });
});

test('an answer counts even when the connection is reset behind it', async () => {
  const outcome = await talk(async (connection) => {
    await connection.request();
    connection.socket.write('3:Kok,', () => connection.reset());
  });
  deepStrictEqual(outcome, { kind: 'answered', answer: { verdict: 'K', text: 'ok' } });
});

test('everything but a complete reply leaves the outcome unknown', async () => {
  for (const reply of ['', '3', '3:', '3:Kok', 'K', 'Kok', '03:Kok,', '3:okK,', '0:,', '99999:K']) {
    const outcome = await talk(answering(reply));
    strictEqual(outcome.kind, 'broken', reply);
    ok(outcome.kind === 'broken' && outcome.sent, reply);
  }
  const reset = await talk(async (connection) => {
    await connection.request();
    connection.reset();
  });
  ok(reset.kind === 'broken' && reset.sent);
});

test('a hub that refuses early is heard, although sending fails', async () => {
  for (const verdict of ['Z', 'D'] as const) {
    for (const end of ['close', 'reset'] as const) {
      const outcome = await talk(async (connection) => {
        await connection.bytes(100);
        connection.send(`3:${verdict}no,`);
        // Hub and client share an event loop here: the client gets a turn between the two, as it would elsewhere.
        await setImmediate();
        await setImmediate();
        connection[end]();
      }, large);
      deepStrictEqual(outcome, { kind: 'answered', answer: { verdict, text: 'no' } }, `${verdict} ${end}`);
    }
  }
});

test('K before the last byte is no answer', async () => {
  const outcome = await talk(async (connection) => {
    await connection.bytes(100);
    connection.socket.write('3:Kok,', () => connection.reset());
  }, large);
  ok(outcome.kind === 'broken' && !outcome.sent);
});

test('a session that breaks in the middle is broken, and not sent', async () => {
  const outcome = await talk(async (connection) => {
    await connection.bytes(100);
    connection.reset();
  }, large);
  ok(outcome.kind === 'broken' && !outcome.sent);
});

test('a hub that says nothing times out, and so does one that does not read', async () => {
  const silent = await talk((connection) => connection.request(), small, { idleMs: 50 });
  deepStrictEqual(silent, { kind: 'broken', sent: true, text: 'no answer: timed out' });
  const deaf = await talk((connection) => connection.socket.pause(), large, { idleMs: 50 });
  deepStrictEqual(deaf, { kind: 'broken', sent: false, text: 'sending failed: timed out' });
});

test('a hub that drips its answer runs out of the session’s time', async () => {
  let timer: NodeJS.Timeout | undefined;
  const outcome = await talk(
    async (connection) => {
      await connection.request();
      connection.send('9999:K');
      timer = setInterval(() => connection.send('x'), 5);
    },
    small,
    { totalMs: 200 },
  );
  clearInterval(timer);
  ok(outcome.kind === 'broken' && outcome.sent && outcome.text.includes('timed out'));
});

test('connections that fail are told apart', async () => {
  const world = nodeSystem([]);
  const refused = await exchange(world, '127.0.0.1', await unusedPort(), packageOf(small), limits);
  deepStrictEqual(refused, { kind: 'connect-failed', text: 'connection refused' });
  const failing = (code: string): Network => ({
    ...world.network,
    connect: () => Promise.reject(new SystemError(code, code)),
  });
  const kind = async (code: string) => {
    const network = failing(code);
    return (await exchange({ ...world, network }, '192.0.2.1', 628, packageOf(small), limits)).kind;
  };
  strictEqual(await kind('ETIMEDOUT'), 'connect-timeout');
  strictEqual(await kind('EHOSTUNREACH'), 'connect-failed');
  strictEqual(await kind('EMFILE'), 'no-socket');
});

test('a message that cannot be read is the caller’s problem, and the hub gets no complete request', async () => {
  const hub = await scriptedHub(answering('3:Kok,'));
  const pack = packageOf({
    sizeBytes: 200_000,
    *chunks() {
      yield new Uint8Array(100_000);
      throw new Error('disk broken');
    },
  });
  const failure = await exchange(nodeSystem([]), hub.address, hub.port, pack, limits).catch(String);
  strictEqual(failure, 'Error: disk broken');
});

test('a hub in TLS is asked with our key, and by nobody who has none', async () => {
  const identity = await identityOf('box.example');
  const hub = await securePeer(await identityOf('hub.example'), (socket) => {
    socket.once('data', () => socket.end('3:Kok,'));
  });
  const target = { pins: [fingerprintOf(await identityOf('hub.example'))] };
  const real = nodeSystem([]);
  const ask = (own: Partial<ExchangeWorld>) =>
    exchange({ ...real, ...own }, '127.0.0.1', hub.port, packageOf(small), limits, target);
  deepStrictEqual(await ask({ identity: () => identity }), {
    kind: 'answered',
    answer: { verdict: 'K', text: 'ok' },
  });
  const none = () => {
    throw new Error('no key');
  };
  deepStrictEqual(await ask({ identity: none }), { kind: 'connect-failed', text: 'no key' });
  const text = 'this program cannot speak TLS, and control/qmqptunnel names none that can';
  deepStrictEqual(await ask({}), { kind: 'connect-failed', text });
  const { connectSecure, ...network } = real.network;
  ok(connectSecure);
  deepStrictEqual(await ask({ network, identity: () => identity }), { kind: 'connect-failed', text });
});

test('a tunnel that has ended with some of the package unread has sent nothing', async () => {
  const real = nodeSystem([]);
  for (const [error, sent, text] of [
    [new UnreadError('ECONNABORTED', 'it has ended'), false, 'no answer: it has ended'],
    [new SystemError('ECONNRESET', 'reset'), true, 'no answer: connection reset by the hub'],
  ] as const) {
    const stream: Stream = { read: () => Promise.reject(error), write: async () => {}, close() {} };
    const world = { ...real, tunnel: async () => stream };
    const outcome = await exchange(world, '192.0.2.1', 628, packageOf(small), limits, { pins: [] });
    deepStrictEqual(outcome, { kind: 'broken', sent, text });
  }
});

test('through a tunnel a hub in TLS is asked with nothing of ours', async () => {
  const hub = await scriptedHub(answering('3:Kok,'));
  const real = nodeSystem([]);
  const ends: TunnelEnd[] = [];
  const ask = (tunnel: ExchangeWorld['tunnel'], serverName?: string) =>
    exchange({ ...real, ...(tunnel ? { tunnel } : {}) }, '192.0.2.1', 628, packageOf(small), limits, {
      pins: ['sha256:00'],
      serverName,
    });
  const answered = await ask((end) => {
    ends.push(end);
    return real.network.connect(hub.address, hub.port, 10_000);
  }, 'hub.example');
  deepStrictEqual(answered, { kind: 'answered', answer: { verdict: 'K', text: 'ok' } });
  deepStrictEqual(ends, [
    { address: '192.0.2.1', port: 628, pins: ['sha256:00'], serverName: 'hub.example' },
  ]);
  const failing = await ask(() => {
    throw new SystemError('ENOENT', 'no such program');
  });
  deepStrictEqual(failing, { kind: 'connect-failed', text: 'no such program' });
  strictEqual((await ask(() => undefined)).kind, 'connect-failed');
});
