import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { bytesOf, type Stream, textOf } from '../../../src/system/index.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { nodeStream } from '../../../src/system/node/stream.ts';

const timeoutMs = 20_000;

interface Pair {
  readonly stream: Stream;
  readonly peer: Socket;
}

/** A stream, and the raw socket at its other end. */
async function connected(context: TestContext): Promise<Pair> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection');
  const stream = await nodeSystem([]).network.connect('127.0.0.1', port, timeoutMs);
  const [peer] = (await accepted) as [Socket];
  peer.on('error', () => {});
  context.after(() => {
    stream.close();
    peer.destroy();
    server.close();
  });
  return { stream, peer };
}

async function readAll(stream: Stream): Promise<string> {
  let text = '';
  for (;;) {
    const bytes = await stream.read(timeoutMs);
    if (bytes === undefined) return text;
    text += textOf(bytes);
  }
}

test('bytes arrive in order, whether they were waited for or not', async (context) => {
  const { stream, peer } = await connected(context);
  const first = stream.read(timeoutMs);
  peer.write('one ');
  assert.equal(textOf((await first) ?? new Uint8Array(0)), 'one ');
  peer.end('two three');
  await once(peer, 'finish');
  assert.equal(await readAll(stream), 'two three');
  assert.equal(await stream.read(timeoutMs), undefined, 'the end stays the end');
});

test('what is written arrives', async (context) => {
  const { stream, peer } = await connected(context);
  const received: Buffer[] = [];
  peer.on('data', (chunk: Buffer) => received.push(chunk));
  const sent = new Uint8Array(300_000).map((_, index) => index % 251);
  await stream.write(sent.subarray(0, 10), timeoutMs);
  await stream.write(sent.subarray(10), timeoutMs);
  stream.close();
  await once(peer, 'end');
  assert.deepEqual(Uint8Array.from(Buffer.concat(received)), sent);
});

test('a peer that says nothing is given up, and may still be read later', async (context) => {
  const { stream, peer } = await connected(context);
  await assert.rejects(stream.read(20), { code: 'ETIMEDOUT' });
  peer.write('late');
  assert.equal(textOf((await stream.read(timeoutMs)) ?? new Uint8Array(0)), 'late');
});

test('a peer that takes nothing is given up', async (context) => {
  const { stream, peer } = await connected(context);
  peer.pause();
  const piece = new Uint8Array(1024 * 1024);
  await assert.rejects(
    async () => {
      for (let count = 0; count < 100; count += 1) await stream.write(piece, 100);
    },
    { code: 'ETIMEDOUT' },
  );
});

test('a session that breaks is an error for the reader and for the writer', async (context) => {
  const { stream, peer } = await connected(context);
  const reading = assert.rejects(stream.read(timeoutMs), { code: 'ECONNRESET' });
  peer.resetAndDestroy();
  await reading;
  await assert.rejects(stream.write(bytesOf('x'), timeoutMs), { code: 'ECONNRESET' });
});

test('an answer that came before the session broke is still read', async (context) => {
  const { stream, peer } = await connected(context);
  peer.write('answer');
  assert.equal(textOf((await stream.read(timeoutMs)) ?? new Uint8Array(0)), 'answer');
  peer.resetAndDestroy();
  await assert.rejects(stream.read(timeoutMs), { code: 'ECONNRESET' });
});

test('what nobody reads is left with the peer', async (context) => {
  const server = createServer((peer) => peer.end(Buffer.alloc(1024 * 1024, 'x')));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const stream = nodeStream(socket, 'peer');
  context.after(() => stream.close());
  await once(socket, 'pause');
  assert.equal(socket.bytesRead < 256 * 1024, true);
  assert.equal((await readAll(stream)).length, 1024 * 1024);
});

test('a stream that we closed has nothing more', async (context) => {
  const { stream } = await connected(context);
  const reading = stream.read(timeoutMs);
  stream.close();
  assert.equal(await reading, undefined);
});
