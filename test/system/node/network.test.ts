import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { type Stream, textOf } from '../../../src/system/index.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { temporaryDirectory } from '../../support/home.ts';

const { network } = nodeSystem([]);

const timeoutMs = 20_000;

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** A server that greets. */
async function greeter(context: TestContext, where: object): Promise<Server> {
  const server = createServer((socket) => socket.end('hello'));
  server.listen(where);
  await once(server, 'listening');
  context.after(() => server.close());
  return server;
}

async function greeting(stream: Stream): Promise<string> {
  const bytes = await stream.read(timeoutMs);
  stream.close();
  return bytes === undefined ? '' : textOf(bytes);
}

test('a literal address answers itself, a name its addresses', async () => {
  assert.deepEqual(await network.resolve('192.0.2.7'), ['192.0.2.7']);
  assert.deepEqual(await network.resolve('2001:db8::7'), ['2001:db8::7']);
  for (const address of await network.resolve('localhost')) {
    assert.match(address, /^(127\.\d+\.\d+\.\d+|::1)$/);
  }
});

test('connects over IPv4 and to Unix sockets', async (context) => {
  const server = await greeter(context, { port: 0, host: '127.0.0.1' });
  assert.equal(await greeting(await network.connect('127.0.0.1', portOf(server), timeoutMs)), 'hello');
  const path = `${temporaryDirectory()}/socket`;
  await greeter(context, { path });
  assert.equal(await greeting(await network.connectLocal(path, timeoutMs)), 'hello');
});

test('connects over IPv6', async (context) => {
  const server = createServer((socket) => socket.end('hello'));
  server.listen({ port: 0, host: '::1' });
  const failure = await Promise.race([
    once(server, 'listening').then(() => ''),
    once(server, 'error').then(String),
  ]);
  if (failure !== '') {
    context.skip(`this machine has no IPv6: ${failure}`);
    return;
  }
  context.after(() => server.close());
  assert.equal(await greeting(await network.connect('::1', portOf(server), timeoutMs)), 'hello');
});

test('a Unix socket’s path is bytes, as far as Node can say them', async (context) => {
  const directory = temporaryDirectory();
  await greeter(context, { path: `${directory}/café` });
  assert.equal(await greeting(await network.connectLocal(`${directory}/caf\xc3\xa9`, timeoutMs)), 'hello');
  await assert.rejects(network.connectLocal(`${directory}/caf\xe9`, timeoutMs), { code: 'EILSEQ' });
});

test('where nobody listens, the connection is refused', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  await assert.rejects(network.connect('127.0.0.1', port, timeoutMs), { code: 'ECONNREFUSED' });
  await assert.rejects(network.connectLocal(`${temporaryDirectory()}/none`, timeoutMs), { code: 'ENOENT' });
});

/** Listens, and then does nothing at all until it is told to end: the kernel's backlog fills up. */
const sleepingServer = `
const { parentPort, workerData } = require('node:worker_threads');
const server = require('node:net').createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(new Int32Array(workerData), 0, 0);
  process.exit();
});`;

test('a peer that does not answer is given up in time', async (context) => {
  const wake = new SharedArrayBuffer(4);
  const worker = new Worker(sleepingServer, { eval: true, workerData: wake });
  const [port] = (await once(worker, 'message')) as [number];
  const streams: Stream[] = [];
  context.after(async () => {
    for (const stream of streams) stream.close();
    Atomics.store(new Int32Array(wake), 0, 1);
    Atomics.notify(new Int32Array(wake), 0);
    await worker.terminate();
  });
  await assert.rejects(
    async () => {
      for (let count = 0; count < 20; count += 1) {
        streams.push(await network.connect('127.0.0.1', port, 300));
      }
    },
    { code: 'ETIMEDOUT', message: /127\.0\.0\.1 port \d+: no connection after 300 ms/ },
  );
});
