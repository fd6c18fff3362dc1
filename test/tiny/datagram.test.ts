/** src/tiny/datagram.ts, with a real socket at the other end. */
import { deepStrictEqual, rejects } from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { openTinyBody, tinyMissing } from '../support/tiny-body.ts';

const longMs = 20_000;

test('datagrams go out and come back', { skip: tinyMissing }, async (context) => {
  const { start } = await openTinyBody(context);
  const peer = createSocket('udp4', (bytes, { port }) => peer.send(`<${bytes.toString('latin1')}>`, port));
  peer.bind(0, '127.0.0.1');
  await once(peer, 'listening');
  context.after(() => peer.close());
  const socket = await start('connectDatagram', '127.0.0.1', peer.address().port);
  await rejects(start('receive', socket, 1), { code: 'ETIMEDOUT' });
  await start('send', socket, 'question');
  deepStrictEqual(await start('receive', socket, longMs), { bytes: '<question>' });
  await start('datagramsClose', socket);
});

test('nobody listens there', { skip: tinyMissing }, async (context) => {
  const { start } = await openTinyBody(context);
  const unused = createSocket('udp4');
  unused.bind(0, '127.0.0.1');
  await once(unused, 'listening');
  const { port } = unused.address();
  unused.close();
  const socket = await start('connectDatagram', '127.0.0.1', port);
  await start('send', socket, '?');
  await rejects(start('receive', socket, longMs), { code: 'ECONNREFUSED' });
});
