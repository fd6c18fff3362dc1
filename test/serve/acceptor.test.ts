import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { createAcceptor } from '../../src/serve/acceptor.ts';
import { listenOn } from '../../src/serve/listen-on.ts';
import { until } from '../support/until.ts';

const limits = {
  connectionsMax: 2,
  connectionsPerPeerMax: 2,
  idleMs: 10,
  totalMs: 10,
  lingerMs: 10,
  refusalsMax: 1,
};

test('connections within the limits are served, one more is refused, and more are closed', async () => {
  const events: string[] = [];
  let ticks = 0;
  const acceptor = createAcceptor({
    limits,
    peerOf: () => 'peer',
    start(socket, peer, isAdmitted, onClose) {
      events.push(`${peer} ${isAdmitted}`);
      socket.on('error', () => {}).on('end', () => socket.destroy());
      socket.on('close', onClose).resume();
      return {
        refuse({ verdict, text }) {
          events.push(`${verdict} ${text}`);
          if (isAdmitted) socket.destroy();
        },
        begun: false,
        tick() {
          ticks += 1;
        },
      };
    },
  });
  const { port } = await listenOn(acceptor.server, { address: '127.0.0.1', port: 0 });
  const clients: Socket[] = [];
  for (let count = 0; count < 4; count += 1) {
    const client = connect(port, '127.0.0.1')
      .on('error', () => {})
      .resume();
    await once(client, 'connect');
    clients.push(client);
  }
  const [, , refused, last] = clients;
  await until('the last to be closed', () => last?.closed || undefined);
  deepStrictEqual(events, ['peer true', 'peer true', 'peer false', 'Z too many connections (#4.3.2)']);
  await until('a tick', () => (ticks > 0 ? ticks : undefined));
  refused?.destroy();
  await acceptor.close();
  strictEqual(events.filter((event) => event.includes('shutting down')).length >= 2, true);
  for (const client of clients) client.destroy();
});
