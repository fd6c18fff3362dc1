/** src/system/node/open-stream.ts: which sockets are used again, and that one session shows nothing of another. */
import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { bytesOf, type Stream, textOf } from '../../../src/system/index.ts';
import { openStream } from '../../../src/system/node/open-stream.ts';
import { unusedPort } from '../../support/unused-port.ts';

const longMs = 20_000;

interface World {
  open(): Promise<Stream>;
  /** Sockets of ours that have connected to the server, one for each connection. */
  readonly used: readonly unknown[];
}

/** A server that does this with each connection. */
async function serve(
  context: TestContext,
  answer: (socket: Socket, connection: number) => void,
): Promise<World> {
  let connections = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    answer(socket, connections);
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const used: unknown[] = [];
  // Node names each socket that connects, and names it again when it connects again.
  const note = (event: unknown) => used.push((event as { socket: Socket }).socket);
  subscribe('net.client.socket', note);
  context.after(() => {
    unsubscribe('net.client.socket', note);
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { used, open: () => openStream({ host: '127.0.0.1', port }, 'the peer', longMs) };
}

async function read(stream: Stream): Promise<string> {
  return textOf((await stream.read(longMs)) ?? new Uint8Array(0));
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

test('a socket whose session ended well connects again', async (context) => {
  const { open, used } = await serve(context, (socket, connection) => {
    socket.on('data', (chunk) => socket.write(`${connection} ${chunk}`));
  });
  for (let connection = 0; connection < 5; connection += 1) {
    const stream = await open();
    await stream.write(bytesOf('hello'), longMs);
    strictEqual(await read(stream), `${connection} hello`);
    stream.close();
    await turn();
  }
  strictEqual(used.length, 5);
  strictEqual(new Set(used).size, 1);
});

test('those that are open at the same time are different', async (context) => {
  const { open, used } = await serve(context, (socket, connection) => socket.write(String(connection)));
  const streams = [await open(), await open()];
  deepStrictEqual([await read(streams[0] as Stream), await read(streams[1] as Stream)], ['0', '1']);
  for (const stream of streams) stream.close();
  strictEqual(new Set(used).size, 2);
});

test('nothing of a session is in the next one, and its stream does nothing to that', async (context) => {
  const { open, used } = await serve(context, (socket, connection) => {
    if (connection === 0) socket.write('for the first one');
    else socket.on('data', () => socket.write('for the second one'));
  });
  const first = await open();
  // It is read from the socket, and not from the stream.
  const sample = used[0] as Socket;
  while (sample.bytesRead === 0) await turn();
  first.close();
  await turn();
  const second = await open();
  strictEqual(used[1], used[0]);
  strictEqual(await first.read(longMs), undefined);
  await rejects(first.write(bytesOf('x'), longMs), { code: 'EPIPE' });
  first.close();
  await second.write(bytesOf('hello'), longMs);
  strictEqual(await read(second), 'for the second one');
  second.close();
});

test('one that broke, or that the peer closed, is not used again', async (context) => {
  const { open, used } = await serve(context, (socket, connection) => {
    if (connection === 0) socket.on('data', () => socket.resetAndDestroy());
    else if (connection === 1) socket.end('bye');
    else socket.write('hello');
  });
  const reset = await open();
  await reset.write(bytesOf('x'), longMs);
  await rejects(reset.read(longMs), { code: 'ECONNRESET' });
  reset.close();
  await turn();
  const ended = await open();
  strictEqual(await read(ended), 'bye');
  strictEqual(await ended.read(longMs), undefined);
  await rejects(ended.write(bytesOf('x'), longMs), { code: 'EPIPE' });
  ended.close();
  await turn();
  const sound = await open();
  strictEqual(await read(sound), 'hello');
  sound.close();
  strictEqual(new Set(used).size, 3);
});

test('one on which several pieces went out is not used again, since it keeps how they went out', async (context) => {
  const { open, used } = await serve(context, (socket) => socket.resume());
  for (let connection = 0; connection < 2; connection += 1) {
    const stream = await open();
    await stream.write(bytesOf('one'), longMs);
    await stream.write(bytesOf('two'), longMs);
    stream.close();
    await turn();
  }
  strictEqual(new Set(used).size, 2);
});

test('one that could not connect is not used again', async (context) => {
  const { open, used } = await serve(context, (socket) => socket.write('hello'));
  const port = await unusedPort();
  await rejects(openStream({ host: '127.0.0.1', port }, 'nobody', longMs), { code: 'ECONNREFUSED' });
  await turn();
  const stream = await open();
  strictEqual(await read(stream), 'hello');
  stream.close();
  strictEqual(new Set(used).size, 2);
});
