import { deepStrictEqual, match, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { listenQmtp, type QmtpListenerOptions, qmtpServerLimits } from '../../../src/serve/index.ts';
import { type ClientRules, clientOf } from '../../../src/serve/smtp/client-rules.ts';
import { memoryIntake } from '../../support/memory-intake.ts';
import { qmqpPeer } from '../../support/qmqp-peer.ts';
import { netstringsIn, qmtpRequest } from '../../support/qmtp-peer.ts';

/** The variables of each client; undefined for one that may not connect. */
function rulesOf(
  clients: Readonly<Record<string, Readonly<Record<string, string>> | undefined>>,
): ClientRules {
  return { of: (ip) => clientOf(!(ip in clients) || clients[ip] !== undefined, clients[ip] ?? {}) };
}

async function listen(own: Partial<QmtpListenerOptions> = {}) {
  const lines: string[] = [];
  const intake = memoryIntake();
  const listener = await listenQmtp({
    address: '127.0.0.1',
    port: 0,
    intake,
    localHost: 'hub.test',
    limits: qmtpServerLimits,
    rules: () => rulesOf({}),
    hosts: () => ({ has: (domain) => domain === 'here' }),
    log: (line) => lines.push(line),
    ...own,
  });
  return { listener, intake, lines, port: listener.address.port };
}

async function submit(port: number, text: string, localAddress?: string): Promise<readonly string[]> {
  const peer = await qmqpPeer(port, '127.0.0.1', localAddress);
  peer.send(text);
  peer.socket.end();
  return netstringsIn(await peer.reply);
}

test('messages come in over one connection, and recipients elsewhere are refused', async () => {
  const { listener, intake, lines, port } = await listen();
  const input = qmtpRequest('\na\n', 's', 'r@here', 'r@there') + qmtpRequest('\nb\n', 's', 'r@here');
  const replies = await submit(port, input);
  await listener.close();
  strictEqual(replies.map((reply) => reply.charAt(0)).join(''), 'KDK');
  const text = intake.messages[0]?.text ?? '';
  match(text, /^Received: from unknown \(127\.0\.0\.1\)\n {2}by hub\.test with QMTP; .*\na\n$/);
  deepStrictEqual(intake.messages[0]?.origin, { caller: 'network', host: '127.0.0.1' });
  strictEqual(lines.length, 1);
  match(lines[0] ?? '', /^qmtpd: peer=127\.0\.0\.1 verdict=D text="sorry, .*#5\.7\.1/);
});

test('rules say who may connect, and who may relay and how much', async () => {
  const rules = rulesOf({ '127.0.0.3': undefined, '127.0.0.2': { RELAYCLIENT: '@r', DATABYTES: '3' } });
  const { listener, intake, lines, port } = await listen({ rules: () => rules });
  const text = qmtpRequest('\n123', 's', 'r@there');
  deepStrictEqual(await submit(port, text, '127.0.0.3'), []);
  match(lines.join(), /peer=127\.0\.0\.3 verdict=Z text="not allowed/);
  match(String(await submit(port, text)), /^D/);
  match(String(await submit(port, text, '127.0.0.2')), /^K/);
  match(String(await submit(port, qmtpRequest('\n1234', 's', 'r'), '127.0.0.2')), /#5\.3\.4/);
  deepStrictEqual(
    intake.messages.map(({ envelope }) => envelope.recipients),
    [['r@there@r']],
  );
  await listener.close();
});

test('who is not here is refused', async () => {
  const { listener, port } = await listen({ isKnown: async (address) => address === 'r@here' });
  const replies = await submit(port, qmtpRequest('\n', 's', 'r@here', 'nobody@here', 'r@there'));
  strictEqual(replies.map((reply) => reply.charAt(0)).join(''), 'KDD');
  match(replies[1] ?? '', /#5\.1\.1/);
  await listener.close();
});

test('so many messages and connections of one address in a minute', async () => {
  const limits = { ...qmtpServerLimits, messagesPerMinuteMax: 2, connectionsPerMinuteMax: 2 };
  const { listener, lines, port } = await listen({ limits });
  const three = qmtpRequest('\n', 's', 'r').repeat(3);
  // The minute may change once.
  const replies = [await submit(port, three), await submit(port, three), await submit(port, three)];
  const [many, too] = [replies.flat().join(), lines.join()];
  match(many, /Z.*too many messages from your address in a minute/);
  match(too, /peer=127\.0\.0\.1 verdict=Z text="too many connections in a minute/);
  await listener.close();
});

test('two hundred silent clients hold back neither others nor the end', async () => {
  const { listener, port } = await listen({ limits: { ...qmtpServerLimits, connectionsPerPeerMax: 300 } });
  const silent = await Promise.all(Array.from({ length: 200 }, () => qmqpPeer(port)));
  match(String(await submit(port, qmtpRequest('\n', 's', 'r'))), /^K/);
  await listener.close();
  for (const { reply } of silent) strictEqual(await reply, '');
});

test('connections beyond the limit are closed', async () => {
  const { listener, port } = await listen({ limits: { ...qmtpServerLimits, connectionsMax: 1 } });
  const first = await qmqpPeer(port);
  const second = await qmqpPeer(port);
  strictEqual(await second.reply, '');
  first.send(qmtpRequest('\n', 's', 'r'));
  first.socket.end();
  match(await first.reply, /:Kok/);
  await listener.close();
});

test('an address that cannot be had', async () => {
  const { listener, port } = await listen();
  await rejects(listen({ port }), /EADDRINUSE/);
  await listener.close();
});
