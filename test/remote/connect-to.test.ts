import { rejects, strictEqual } from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { connectTo } from '../../src/remote/connect-to.ts';
import { listenOn } from '../../src/serve/listen-on.ts';

test('a connection, or why there is none', async () => {
  const server = createServer((socket) => socket.end());
  const { port } = await listenOn(server, { address: '127.0.0.1', port: 0 });
  const socket = await connectTo({ host: 'h', address: '127.0.0.1', port }, 5000);
  strictEqual(socket.remotePort, port);
  socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  await rejects(connectTo({ host: 'h', address: '127.0.0.1', port }, 5000), /ECONNREFUSED/);
});

test('a host that does not answer is waited for no longer than is said', async () => {
  // RFC 5737: nobody is there; where there is no network at all, that is said at once.
  await rejects(connectTo({ host: 'h', address: '192.0.2.1', port: 209 }, 50), /no answer within|E[A-Z]+/);
});
