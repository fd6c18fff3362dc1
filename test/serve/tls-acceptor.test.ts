/** What is not seen of src/serve/tls-acceptor.ts in qmqps-listener.test.ts: handshakes that do not get on. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createTlsAcceptor } from '../../src/serve/tls-acceptor.ts';
import { temporaryDirectory } from '../support/home.ts';
import { identityOf } from '../support/identity.ts';
import { until } from '../support/until.ts';

async function acceptor(
  context: TestContext,
  own: { connectionsPerPeerMax?: number; handshakeMs?: number } = {},
) {
  const keyFile = `${temporaryDirectory()}/qmqpskey`;
  writeFileSync(keyFile, await identityOf('hub.test'));
  const lines: string[] = [];
  const limits = { connectionsMax: 10, connectionsPerPeerMax: own.connectionsPerPeerMax ?? 10 };
  const handshake = own.handshakeMs === undefined ? {} : { handshakeMs: own.handshakeMs };
  const log = (line: string) => lines.push(line);
  const tls = createTlsAcceptor({ limits, keyFile, onSecure: () => {}, log, ...handshake });
  tls.server.listen(0, '127.0.0.1');
  await once(tls.server, 'listening');
  context.after(tls.close);
  return { port: (tls.server.address() as AddressInfo).port, lines, keyFile };
}

/** What is received until the end. */
async function untilClosed(port: number, ...bytes: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let said = '';
  socket.on('error', () => {});
  socket.on('data', (data: Buffer) => {
    said += data.toString('latin1');
  });
  for (const text of bytes) socket.write(text, 'latin1');
  await once(socket, 'close');
  return said;
}

test('who says nothing, or stops in the middle, is gone after a while', async (context) => {
  const { port, lines } = await acceptor(context, { handshakeMs: 100 });
  strictEqual(await untilClosed(port), '');
  await untilClosed(port, '\x16\x03\x01');
  const failures = await until('two lines', () => (lines.length === 2 ? lines : undefined));
  for (const line of failures) match(line, /^qmqps: peer=127\.0\.0\.1 TLS failed: /);
});

test('what is no TLS although it begins like it is refused', async (context) => {
  const { port, lines } = await acceptor(context);
  await untilClosed(port, `\x16${'x'.repeat(2000)}`);
  await until('a line', () => lines[0]);
  match(lines[0] ?? '', /^qmqps: peer=127\.0\.0\.1 TLS failed: /);
});

test('more handshakes from one address than are allowed are cut off', async (context) => {
  const { port } = await acceptor(context, { connectionsPerPeerMax: 1 });
  const held = connect(port, '127.0.0.1');
  await once(held, 'connect');
  strictEqual(await untilClosed(port, '\x16'), '');
  held.destroy();
});

test('a key that cannot be used leaves the one before', async (context) => {
  const { port, lines, keyFile } = await acceptor(context, { handshakeMs: 100 });
  writeFileSync(keyFile, 'no key');
  await untilClosed(port, '\x16\x03\x01\x00\x01x');
  await until('an alert', () =>
    lines.find((line) => line.startsWith('alert: qmqps: the key is kept as it was')),
  );
  deepStrictEqual(
    lines.filter((line) => line.startsWith('notice')),
    [],
  );
});
