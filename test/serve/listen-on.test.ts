import { ok, rejects, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { listenOn } from '../../src/serve/listen-on.ts';

test('it listens where it is told, and says which port the kernel gave', async () => {
  const server = createServer((socket) => socket.end());
  const { address, port } = await listenOn(server, { address: '127.0.0.1', port: 0 });
  strictEqual(address, '127.0.0.1');
  ok(port > 0);
  const client = connect(port, address).resume();
  await once(client, 'close');
  // One connection that cannot be accepted ends nothing.
  server.emit('error', new Error('EMFILE'));
  await rejects(listenOn(createServer(), { address, port }), /EADDRINUSE/);
  server.close();
});

test('a descriptor that is none is refused', async () => {
  await rejects(listenOn(createServer(), { descriptor: 999 }), /EBADF|EINVAL|ENOTSOCK|open/);
});
