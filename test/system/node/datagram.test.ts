import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { bytesOf, textOf } from '../../../src/system/index.ts';
import { connectDatagram } from '../../../src/system/node/datagram.ts';

const timeoutMs = 20_000;

async function peer(context: TestContext): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  context.after(() => socket.close());
  return socket;
}

test('datagrams go to the peer and come from it alone', async (context) => {
  const server = await peer(context);
  const stranger = await peer(context);
  server.on('message', (bytes, { port }) => {
    stranger.send('from a stranger', port, '127.0.0.1', () => {
      server.send(`re: ${bytes}`, port, '127.0.0.1');
      server.send('x'.repeat(5000), port, '127.0.0.1');
    });
  });
  const socket = await connectDatagram('127.0.0.1', server.address().port);
  context.after(() => socket.close());
  await socket.send(bytesOf('hello'));
  assert.equal(textOf(await socket.receive(timeoutMs)), 're: hello');
  assert.equal((await socket.receive(timeoutMs)).length, 4096);
});

test('each socket has a port of its own', async (context) => {
  const server = await peer(context);
  const ports = new Set<number>();
  server.on('message', (_bytes, { port }) => {
    ports.add(port);
    server.send('', port, '127.0.0.1');
  });
  for (let count = 0; count < 8; count += 1) {
    const socket = await connectDatagram('127.0.0.1', server.address().port);
    await socket.send(bytesOf('x'));
    assert.equal((await socket.receive(timeoutMs)).length, 0);
    context.after(() => socket.close());
  }
  assert.equal(ports.size, 8);
});

test('a peer that is silent is given up in time, and one that is not there is known', async (context) => {
  const server = await peer(context);
  const silent = await connectDatagram('127.0.0.1', server.address().port);
  context.after(() => silent.close());
  await assert.rejects(silent.receive(50), { code: 'ETIMEDOUT', message: /nothing received for 50 ms/ });

  const gone = createSocket('udp4');
  gone.bind(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address();
  gone.close();
  await once(gone, 'close');
  const socket = await connectDatagram('127.0.0.1', port);
  context.after(() => socket.close());
  await socket.send(bytesOf('x'));
  await assert.rejects(socket.receive(timeoutMs), { code: 'ECONNREFUSED' });
});
