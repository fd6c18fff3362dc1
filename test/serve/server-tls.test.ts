import { match, rejects, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls, createSecureContext } from 'node:tls';
import { startServerTls } from '../../src/serve/index.ts';
import { identityOf } from '../support/identity.ts';

/** A connection of two sockets. */
async function pair(): Promise<{ server: Socket; client: Socket }> {
  const listener = createServer({ allowHalfOpen: true });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => {});
  const [server] = (await once(listener, 'connection')) as [Socket];
  listener.close();
  return { server, client };
}

async function context() {
  const pem = await identityOf('hub');
  return createSecureContext({ key: pem, cert: pem });
}

test('both sides speak in TLS when the handshake is done', async () => {
  const { server, client } = await pair();
  const secured = startServerTls(server, await context());
  const inside = connectTls({ socket: client, rejectUnauthorized: false });
  const socket = await secured;
  strictEqual(socket.getProtocol(), 'TLSv1.3');
  inside.write('hello');
  strictEqual(String((await once(socket, 'data'))[0]), 'hello');
  socket.end('goodbye');
  strictEqual(String((await once(inside, 'data'))[0]), 'goodbye');
  inside.end();
  await once(socket, 'close');
});

test('what arrived in the clear before the handshake is no part of what is said in TLS', async () => {
  const { server, client } = await pair();
  client.write('RSET\r\n');
  await once(server, 'readable');
  const secured = startServerTls(server, await context());
  await rejects(secured, /^Error: TLS failed: wrong version number$/);
  await once(client, 'close');
});

test('a peer that says nothing, or goes away, does not keep the connection', async () => {
  const silent = await pair();
  const waited = startServerTls(silent.server, await context(), 20);
  await rejects(waited, /the handshake takes too long/);
  await once(silent.client, 'close');
  const gone = await pair();
  const left = startServerTls(gone.server, await context());
  gone.client.destroy();
  await rejects(left, (error: Error) => {
    match(error.message, /TLS failed: (the peer broke off the handshake|.*ECONNRESET)/);
    return true;
  });
});
