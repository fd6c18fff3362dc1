/** src/tiny/network.ts and src/tiny/stream.ts, with real peers. */
import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../support/home.ts';
import { openTinyBody, tinyMissing } from '../support/tiny-body.ts';
import { unusedPort } from '../support/unused-port.ts';

const longMs = 20_000;

/** A server that does this with each connection; its port. */
async function serve(context: TestContext, where: object, use: (socket: Socket) => void): Promise<number> {
  const server = createServer(use);
  server.listen(where);
  await once(server, 'listening');
  context.after(() => server.close());
  const address = server.address() as AddressInfo | string;
  return typeof address === 'string' ? 0 : address.port;
}

const here = { port: 0, host: '127.0.0.1' };

const greet = (socket: Socket) => socket.end('hello');

test('connects over IPv4 and to Unix sockets', { skip: tinyMissing }, async (context) => {
  const { start } = await openTinyBody(context);
  const port = await serve(context, here, greet);
  const path = `${temporaryDirectory()}/socket`;
  await serve(context, { path }, greet);
  const streams = [
    await start('connect', '127.0.0.1', port, longMs),
    await start('connectLocal', path, longMs),
  ];
  for (const stream of streams) {
    deepStrictEqual(await start('streamRead', stream, longMs), { bytes: 'hello' });
    strictEqual(await start('streamRead', stream, longMs), undefined, 'the peer has closed');
    await start('streamClose', stream);
  }
});

test('connects over IPv6', { skip: tinyMissing }, async (context) => {
  const { start } = await openTinyBody(context);
  let port: number;
  try {
    port = await serve(context, { port: 0, host: '::1' }, greet);
  } catch (error) {
    context.skip(`this machine has no IPv6: ${String(error)}`);
    return;
  }
  const stream = await start('connect', '::1', port, longMs);
  deepStrictEqual(await start('streamRead', stream, longMs), { bytes: 'hello' });
});

test('a peer that says nothing is not waited for longer than asked', {
  skip: tinyMissing,
}, async (context) => {
  const { start } = await openTinyBody(context);
  const port = await serve(context, here, (socket) => context.after(() => socket.destroy()));
  const stream = await start('connect', '127.0.0.1', port, longMs);
  await rejects(start('streamRead', stream, 20), {
    code: 'ETIMEDOUT',
    message: /nothing received for 20 ms/,
  });
});

test('a peer that takes nothing is not waited for longer than asked', {
  skip: tinyMissing,
}, async (context) => {
  const { start } = await openTinyBody(context);
  const port = await serve(context, here, (socket) => {
    socket.pause();
    context.after(() => socket.destroy());
  });
  const stream = await start('connect', '127.0.0.1', port, longMs);
  const piece = 'x'.repeat(500_000);
  const flood = async () => {
    for (let pieces = 0; pieces < 200; pieces += 1) await start('streamWrite', stream, piece, 20);
  };
  await rejects(flood(), { code: 'ETIMEDOUT', message: /nothing sent for 20 ms/ });
});

test('all bytes arrive, and in their order', { skip: tinyMissing }, async (context) => {
  const { start } = await openTinyBody(context);
  const arrived = Promise.withResolvers<string>();
  const port = await serve(context, here, (socket) => {
    let text = '';
    socket.setEncoding('latin1').on('data', (piece) => {
      text += piece;
    });
    socket.on('end', () => arrived.resolve(text));
  });
  const stream = await start('connect', '127.0.0.1', port, longMs);
  const pieces = ['a', 'b\xff\0', 'c'.repeat(300_000)];
  for (const piece of pieces) await start('streamWrite', stream, piece, longMs);
  await start('streamClose', stream);
  strictEqual(await arrived.promise, pieces.join(''));
});

test('nobody is there', { skip: tinyMissing }, async (context) => {
  const { start } = await openTinyBody(context);
  const port = await unusedPort();
  await rejects(start('connect', '127.0.0.1', port, longMs), {
    code: 'ECONNREFUSED',
    message: new RegExp(`connect 127.0.0.1:${port}$`),
  });
  await rejects(start('connectLocal', `${temporaryDirectory()}/none`, longMs), { code: 'ENOENT' });
  await rejects(start('connectLocal', `/${'n'.repeat(200)}`, longMs), { code: 'ENAMETOOLONG' });
});

test('what is no address is not connected to', { skip: tinyMissing }, async (context) => {
  const { start } = await openTinyBody(context);
  await rejects(start('connect', 'localhost', 25, longMs), { code: 'EINVAL' });
  await rejects(start('connect', '127.0.0.1', 65_536, longMs), /whole number/);
});

test('addresses answer themselves; nothing listens', { skip: tinyMissing }, async (context) => {
  const { start } = await openTinyBody(context);
  deepStrictEqual(await start('resolve', '192.0.2.7'), ['192.0.2.7']);
  deepStrictEqual(await start('resolve', '2001:db8::7'), ['2001:db8::7']);
  await rejects(start('listenLocal', { path: '/x', mode: 0o600 }), { code: 'ENOSYS' });
});
