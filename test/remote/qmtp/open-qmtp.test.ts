/** QMTP to our own server, and to servers that do what they should not. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import type { Connection, Demands } from '../../../src/remote/index.ts';
import { createQmtpTransport, type QmtpSettings } from '../../../src/remote/qmtp/open-qmtp.ts';
import { listenQmtp, qmtpServerLimits } from '../../../src/serve/index.ts';
import { listenOn } from '../../../src/serve/listen-on.ts';
import { clientOf } from '../../../src/serve/smtp/client-rules.ts';
import { memoryIntake } from '../../support/memory-intake.ts';
import { largeBody, messageBody } from '../../support/message-body.ts';

const settings: QmtpSettings = { connectMs: 5000, replyMs: 5000, conversationMs: 20_000 };
const plain: Demands = { tls: 'may', implicitTls: false, login: undefined };

async function open(port: number, own: Partial<QmtpSettings> = {}): Promise<Connection> {
  const transport = createQmtpTransport(() => ({ ...settings, ...own }));
  const opening = await transport.open({ host: 'hub', address: '127.0.0.1', port }, plain);
  ok(opening.ok);
  return opening.connection;
}

const outgoing = (text: string, ...recipients: readonly string[]) => ({
  sender: 's@x',
  recipients,
  body: messageBody(text, [7]),
});

const sockets = new Set<Socket>();

after(() => {
  for (const socket of sockets) socket.destroy();
});

/** A server that says these things, one for each piece that it is sent. */
async function scripted(act: (socket: Socket, text: string) => void) {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('data', (bytes) => act(socket, bytes.toString('latin1')));
  });
  const { port } = await listenOn(server, { address: '127.0.0.1', port: 0 });
  server.unref();
  return port;
}

test('messages over one connection, each recipient answered for itself', async () => {
  const intake = memoryIntake();
  const server = await listenQmtp({
    address: '127.0.0.1',
    port: 0,
    intake,
    limits: qmtpServerLimits,
    rules: () => ({ of: () => clientOf(true, {}) }),
    hosts: () => ({ has: (domain) => domain === 'here' }),
    log() {},
  });
  const connection = await open(server.address.port);
  const first = await connection.deliver(outgoing('a\r\n.\nlast', 'r@here', 'r@there', 'q@here'));
  deepStrictEqual(
    first.recipients.map(({ verdict }) => verdict),
    ['K', 'D', 'K'],
  );
  match(first.recipients[1]?.text ?? '', /^127\.0\.0\.1 refused it\.\nRemote host said: sorry, .*#5\.7\.1/);
  match(first.message.text, /^127\.0\.0\.1 accepted the message\.\nRemote host said: ok \d+ qp 1\n$/);
  ok(connection.isOpen);
  const large = await connection.deliver({ ...outgoing('', 'r@here'), body: largeBody(200_000, 20) });
  strictEqual(large.message.verdict, 'K');
  const none = await connection.deliver(outgoing('', 'r@there'));
  deepStrictEqual([none.message.verdict, none.undecided], ['D', false]);
  connection.close();
  await server.close();
  strictEqual(connection.isOpen, false);
  deepStrictEqual(
    intake.messages.map(({ envelope }) => envelope.recipients),
    [['r@here', 'q@here'], ['r@here']],
  );
  match(intake.messages[0]?.text ?? '', /QMTP; .*\na\r\n\.\nlast$/);
});

test('a server that breaks off after all was sent may have the message', async () => {
  const connection = await open(await scripted((socket) => socket.destroy()));
  const { recipients, message, undecided } = await connection.deliver(outgoing('x', 'r'));
  deepStrictEqual([recipients, message.verdict, undecided], [[], 'Z', false]);
  match(message.text, /Possible duplicate/);
  strictEqual(connection.isOpen, false);
});

test('what was answered before a break counts', async () => {
  const port = await scripted((socket) => socket.end('3:Kok,3:Dno,'));
  const { recipients, message } = await (await open(port)).deliver(outgoing('x', 'a', 'b', 'c'));
  deepStrictEqual(
    [message, ...recipients].map(({ verdict }) => verdict),
    ['K', 'K', 'D', 'Z'],
  );
});

test('a server that says what is no QMTP, or something unasked, is left', async () => {
  const connection = await open(await scripted((socket) => socket.write('220 hello\r\n')));
  const { message } = await connection.deliver(outgoing('x', 'r'));
  match(message.text, /no QMTP/);
  strictEqual(connection.isOpen, false);
  const { promise, resolve } = Promise.withResolvers<Socket>();
  const port = await scripted((socket) => {
    socket.write('3:Kok,');
    resolve(socket);
  });
  const chatty = await open(port);
  strictEqual((await chatty.deliver(outgoing('x', 'r'))).message.verdict, 'K');
  (await promise).write('3:Kok,');
  while (chatty.isOpen) await new Promise(setImmediate);
});

test('a server that says nothing is given up in time', async () => {
  const connection = await open(await scripted(() => {}), { replyMs: 30 });
  const { message } = await connection.deliver(outgoing('x', 'r'));
  match(message.text, /it took too long/);
  const slow = await open(await scripted((socket) => socket.write('9')), { conversationMs: 30 });
  match((await slow.deliver(outgoing('x', 'r'))).message.text, /it took too long/);
});

test('CVE-2020-8794: what a server says is escaped', async () => {
  const connection = await open(await scripted((socket) => socket.write('8:Da\nb\0\xffc,')));
  const { recipients } = await connection.deliver(outgoing('x', 'r'));
  match(recipients[0]?.text ?? '', /Remote host said: a\\x0ab\\x00\\x[0-9a-f]+/);
});

test('what QMTP has not is not promised', async () => {
  const transport = createQmtpTransport(() => settings);
  const hop = { host: 'hub', address: '127.0.0.1', port: 1 };
  for (const demands of [
    { ...plain, tls: 'must' },
    { ...plain, tls: 'verify' },
    { ...plain, implicitTls: true },
    { ...plain, login: { user: 'u', password: 'p' } },
  ] as const) {
    const opening = await transport.open(hop, demands);
    ok(!opening.ok && opening.answer.verdict === 'Z' && /QMTP has none/.test(opening.answer.text));
  }
  const refused = await transport.open(hop, plain);
  ok(!refused.ok && /Unable to connect to 127\.0\.0\.1/.test(refused.answer.text));
});
