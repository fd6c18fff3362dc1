import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { createSecureContext, type SecureContext } from 'node:tls';
import {
  type SmtpConnection,
  type SmtpConnectionOptions,
  startSmtpConnection,
} from '../../../src/serve/smtp/connection.ts';
import { type SmtpServerLimits, smtpServerLimits } from '../../../src/serve/smtp/limits.ts';
import { texts } from '../../../src/serve/smtp/texts.ts';
import { identityOf } from '../../support/identity.ts';
import { smtpPeer, smtpsPeer } from '../../support/smtp-peer.ts';

interface Served {
  readonly port: number;
  readonly connection: SmtpConnection;
  readonly socket: Socket;
  /** Moves the clock, and has it looked at. */
  pass(ms: number): void;
  readonly ended: Promise<string>;
  readonly tlsFailures: readonly string[];
}

interface Asked extends Omit<Partial<SmtpConnectionOptions>, 'limits'> {
  readonly limits?: Partial<SmtpServerLimits>;
}

/** Serves one connection of a client that `meet` makes. */
async function serve<Peer>(
  meet: (port: number) => Peer,
  asked: Asked = {},
): Promise<Served & { peer: Peer }> {
  const listener = createServer({ allowHalfOpen: true });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const peer = meet(port);
  const [socket] = (await once(listener, 'connection')) as [Socket];
  listener.close();
  const ended = Promise.withResolvers<string>();
  const tlsFailures: string[] = [];
  let nowMs = 0;
  const connection = startSmtpConnection(socket, {
    name: 'hub.test',
    implicitTls: false,
    secureContext: () => undefined,
    recipient: (address) => ({ ok: true, address }),
    begin: () => ({
      write: () => undefined,
      complete: async () => ({ verdict: 'K', text: 'ok' }),
      abandon() {},
    }),
    monotonic: () => nowMs,
    onTlsFailure: (text) => tlsFailures.push(text),
    onClose: ended.resolve,
    ...asked,
    limits: { ...smtpServerLimits, ...asked.limits },
  });
  const pass = (ms: number) => {
    nowMs += ms;
    connection.tick(nowMs);
  };
  return { port, peer, connection, socket, pass, ended: ended.promise, tlsFailures };
}

async function certificate(): Promise<SecureContext> {
  const pem = await identityOf('hub');
  return createSecureContext({ key: pem, cert: pem });
}

test('a session in the clear, and its end', async () => {
  const { peer, ended } = await serve(smtpPeer);
  match(await peer.reply(), /^220 hub\.test ESMTP/);
  match(await peer.ask('QUIT'), /^221 /);
  strictEqual(await peer.closed, '');
  strictEqual(await ended, 'quit');
});

test('STARTTLS, and what was sent in the same breath is never carried out (CVE-2011-0411)', async () => {
  const context = await certificate();
  const { peer } = await serve(smtpPeer, { secureContext: () => context });
  await peer.reply();
  match(await peer.ask('EHLO c'), /STARTTLS/);
  peer.send('STARTTLS\r\nNOOP\r\nVRFY injected\r\n');
  match(await peer.reply(), /^220 /);
  await peer.secure();
  // The next reply is that to the next command: the injected ones have none.
  match(await peer.ask('RSET'), /^250 2\.0\.0 flushed/);
  match(await peer.ask('QUIT'), /^221 /);
});

test('TLS from the first byte on', async () => {
  const context = await certificate();
  const { peer } = await serve(smtpsPeer, { secureContext: () => context, implicitTls: true });
  match(await peer.reply(), /^220 hub\.test/);
  ok(!(await peer.ask('EHLO c')).includes('STARTTLS'));
  match(await peer.ask('QUIT'), /^221 /);
  strictEqual(await peer.closed, '');
});

test('who speaks no TLS where there is nothing else is closed', async () => {
  const context = await certificate();
  const plain = await serve(smtpPeer, { secureContext: () => context, implicitTls: true });
  plain.peer.send('EHLO c\r\n');
  strictEqual(await plain.peer.closed, '');
  deepStrictEqual(plain.tlsFailures.length, 1);
  strictEqual(await plain.ended, 'closed');
  const without = await serve(smtpPeer, { implicitTls: true });
  strictEqual(await without.peer.closed, '');
});

test('silence, a command that never ends, and a session that does not', async () => {
  const silent = await serve(smtpPeer, { limits: { idleMs: 100 } });
  await silent.peer.reply();
  silent.pass(99);
  silent.pass(1);
  match(await silent.peer.reply(), /^421 4\.4\.2/);
  silent.peer.end();
  await silent.peer.closed;

  const slow = await serve(smtpPeer, { limits: { idleMs: 100, commandMs: 150 } });
  await slow.peer.reply();
  for (let round = 0; round < 2; round += 1) {
    slow.peer.send('x');
    await once(slow.socket, 'data');
    slow.pass(90);
  }
  match(await slow.peer.reply(), /^421 4\.4\.2/);
  slow.peer.end();

  const long = await serve(smtpPeer, { limits: { totalMs: 200 } });
  await long.peer.reply();
  await long.peer.ask('NOOP');
  long.pass(200);
  match(await long.peer.reply(), /^421 4\.4\.2/);
  long.peer.end();
});

test('who does not read, or does not close, is closed', async () => {
  const deaf = await serve(smtpPeer, { limits: { lingerMs: 100 } });
  await deaf.peer.reply();
  deaf.connection.refuse(texts.shutdown);
  match(await deaf.peer.reply(), /^421 4\.3\.2/);
  deaf.pass(100);
  await deaf.peer.closed;

  const flood = await serve(smtpPeer, { limits: { lingerBytesMax: 1000 } });
  await flood.peer.reply();
  flood.connection.refuse(texts.shutdown);
  await flood.peer.reply();
  flood.peer.send('x'.repeat(5000));
  await flood.peer.closed;
  strictEqual(await flood.ended, 'refused');
});

test('a client that never reads its replies does not make them pile up', async () => {
  const { socket, pass, ended } = await serve(smtpPeer, { limits: { idleMs: 100 } });
  // What is written here does not leave any more, as to a client that does not read.
  socket.write = () => false;
  socket.emit('data', Buffer.from('NOOP\r\n'));
  strictEqual(socket.isPaused(), true);
  pass(100);
  strictEqual(await ended, 'closed');
});

/** A queue that takes a message when it is told to. */
function slowQueue() {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const begin = () => ({
    write: () => undefined,
    complete: () => promise.then(() => ({ verdict: 'K', text: 'ok' }) as const),
    abandon() {},
  });
  return { begin, take: () => resolve(undefined) };
}

test('who waits for the queue is not closed for its silence, and gets its reply before the end', async () => {
  const { begin, take } = slowQueue();
  const { peer, pass, connection, socket } = await serve(smtpPeer, { begin, limits: { idleMs: 100 } });
  await peer.reply();
  peer.send('MAIL FROM:<s>\r\nRCPT TO:<r>\r\nDATA\r\n');
  for (let count = 0; count < 3; count += 1) await peer.reply();
  peer.send('.\r\n');
  await once(socket, 'data');
  pass(1000);
  connection.refuse(texts.shutdown);
  take();
  match(await peer.reply(), /^250 2\.0\.0 ok/);
  match(await peer.reply(), /^421 4\.3\.2/);
  peer.end();
  await peer.closed;
});

test('who closes its half behind the last dot reads what became of the message', async () => {
  const { begin, take } = slowQueue();
  const context = await certificate();
  for (const [meet, implicitTls] of [
    [smtpPeer, false],
    [smtpsPeer, true],
  ] as const) {
    const asked = { begin, implicitTls, secureContext: () => context };
    const { peer, socket, ended } = await serve(meet, asked);
    await peer.reply();
    peer.send('MAIL FROM:<s>\r\nRCPT TO:<r>\r\nDATA\r\n');
    for (let count = 0; count < 3; count += 1) await peer.reply();
    peer.send('.\r\n');
    peer.end();
    // The end of the input, which is seen while the queue is waited for.
    if (!implicitTls) await once(socket, 'end');
    take();
    match(await peer.closed, /^250 2\.0\.0 ok/);
    strictEqual(await ended, 'closed');
  }
});
