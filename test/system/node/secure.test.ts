import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { bytesOf, type SecurePeer, type SecureStream, textOf } from '../../../src/system/index.ts';
import { certificateFingerprint } from '../../../src/system/node/index.ts';
import { connectSecure } from '../../../src/system/node/secure.ts';
import { expiredIdentity, fingerprintOf, identityOf } from '../../support/identity.ts';
import { securePeer } from '../../support/secure-peer.ts';

const timeoutMs = 20_000;

const ours = await identityOf('box.example');
const theirs = await identityOf('hub.example');

function peer(port: number, own: Partial<SecurePeer> = {}): SecurePeer {
  const pins = [fingerprintOf(theirs)];
  return { address: '127.0.0.1', port, protocol: 'qmqp/1', pins, identity: ours, ...own };
}

/** Says who is there, when it has heard something. */
function greet(socket: TLSSocket): void {
  socket.once('data', () => {
    const certificate = socket.getPeerX509Certificate();
    socket.end(`${socket.getProtocol()} ${certificate && certificateFingerprint(certificate)}`);
  });
}

async function conversation(stream: SecureStream): Promise<string> {
  let text = '';
  await stream.write(bytesOf('hello'), timeoutMs);
  for (let bytes = await stream.read(timeoutMs); bytes !== undefined; bytes = await stream.read(timeoutMs))
    text += textOf(bytes);
  stream.close();
  return text;
}

test('both sides know each other by their keys, in TLS 1.3', async () => {
  const server = await securePeer(theirs, greet);
  const stream = await connectSecure(peer(server.port), timeoutMs);
  strictEqual(stream.peerFingerprint, fingerprintOf(theirs));
  strictEqual(await conversation(stream), `TLSv1.3 ${fingerprintOf(ours)}`);
});

test('a second session resumes the first, and both sides still know each other', async () => {
  const server = await securePeer(theirs, greet);
  for (let round = 0; round < 3; round += 1) {
    const stream = await connectSecure(peer(server.port), timeoutMs);
    strictEqual(stream.peerFingerprint, fingerprintOf(theirs));
    strictEqual(await conversation(stream), `TLSv1.3 ${fingerprintOf(ours)}`);
  }
  deepStrictEqual(server.resumed, [false, true, true]);
});

test('another key of ours resumes no session', async () => {
  const server = await securePeer(theirs, greet);
  await conversation(await connectSecure(peer(server.port), timeoutMs));
  const identity = await identityOf('new.example');
  const said = await conversation(await connectSecure(peer(server.port, { identity }), timeoutMs));
  strictEqual(said, `TLSv1.3 ${fingerprintOf(identity)}`);
  deepStrictEqual(server.resumed, [false, false]);
});

test('one pin of two is enough, and any key when it is asked who is there', async () => {
  const server = await securePeer(theirs, greet);
  for (const pins of [[fingerprintOf(ours), fingerprintOf(theirs)], 'any'] as const) {
    const stream = await connectSecure(peer(server.port, { pins }), timeoutMs);
    strictEqual(stream.peerFingerprint, fingerprintOf(theirs));
    stream.close();
  }
});

test('another key than the pinned ones is refused, and so is none', async () => {
  const server = await securePeer(theirs, greet);
  const message = `its key ${fingerprintOf(theirs)} is not the one that is pinned`;
  for (const pins of [[fingerprintOf(ours)], []])
    await rejects(connectSecure(peer(server.port, { pins }), timeoutMs), { code: 'EPROTO', message });
});

test('an expired certificate is refused, whatever is pinned', async () => {
  const expired = await expiredIdentity('hub.example');
  const server = await securePeer(expired, greet);
  const pins = [fingerprintOf(expired)];
  const message = /^its certificate has expired: Jan {2}2 00:00:00 2001 GMT$/;
  await rejects(connectSecure(peer(server.port, { pins }), timeoutMs), { code: 'EPROTO', message });
});

test('TLS 1.2 is refused', async () => {
  const server = await securePeer(theirs, greet, { maxVersion: 'TLSv1.2' });
  const refusal = { code: 'EPROTO', message: 'it offers no TLS 1.3' };
  await rejects(connectSecure(peer(server.port), timeoutMs), refusal);
});

test('another protocol in TLS is refused, and so is none', async () => {
  const refusal = { code: 'EPROTO', message: 'it does not speak qmqp/1 in TLS' };
  const other = await securePeer(theirs, greet, { ALPNProtocols: ['http/1.1'] });
  await rejects(connectSecure(peer(other.port), timeoutMs), refusal);
  const none = await securePeer(theirs, greet, { ALPNProtocols: [] });
  await rejects(connectSecure(peer(none.port), timeoutMs), refusal);
});

/** A server of plain TCP that does this with each connection. */
async function plain(
  context: { after(end: () => void): void },
  serve: (write: (text: string) => void, end: () => void) => void,
) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () =>
      serve(
        (text) => socket.write(text),
        () => socket.destroy(),
      ),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('a port without TLS is told from one that hangs up, and from one that says nothing', async (context) => {
  const talking = await plain(context, (write) => write('31:Dthis is no QMQP request (#5.5.2),'));
  await rejects(connectSecure(peer(talking), timeoutMs), {
    code: 'EPROTO',
    message: 'it does not speak TLS on this port',
  });
  const closing = await plain(context, (_write, end) => end());
  await rejects(connectSecure(peer(closing), timeoutMs), {
    code: 'EPROTO',
    message: 'it closed the connection before TLS was established',
  });
  const silent = await plain(context, () => undefined);
  await rejects(connectSecure(peer(silent), 100), { code: 'ETIMEDOUT' });
});
