import { deepStrictEqual, match, ok, rejects, strictEqual } from 'node:assert/strict';
import { readdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { type ConnectionOptions, connect } from 'node:tls';
import { exchange } from '../../qmqp/exchange.ts';
import { formatPackage } from '../../qmqp/index.ts';
import { listenQmqp, listenQmqps, qmqpServerLimits } from '../../src/serve/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';
import { expiredIdentity, fingerprintOf, identityOf } from '../support/identity.ts';
import { memoryIntake } from '../support/memory-intake.ts';
import { qmqpPeer, qmqpRequest } from '../support/qmqp-peer.ts';
import { say, secureHub } from '../support/secure-hub.ts';
import { until } from '../support/until.ts';

const box = await identityOf('box.example');
const key = `key ${fingerprintOf(box)}`;

const found = (lines: readonly string[], pattern: RegExp) =>
  until(String(pattern), () => lines.find((line) => pattern.test(line)));

test('a message comes in under the name of its satellite', async () => {
  const hub = await secureHub();
  hub.write('box', key);
  match(await say(hub, box), /^Kok \d+ qp 1$/);
  const [message] = hub.intake.messages;
  deepStrictEqual(message?.origin, { caller: 'network', host: 'box' });
  deepStrictEqual(message?.envelope, { sender: 's@x', recipients: ['r@y'] });
  match(
    message?.text ?? '',
    /^Received: from unknown \(box@127\.0\.0\.1\)\n {2}by hub\.test with QMQPS; .*\nSubject: q\n\nbody\n$/,
  );
  deepStrictEqual(hub.lines, []);
});

test('many at once, most of them in sessions that are resumed, and a large one', async () => {
  const hub = await secureHub();
  hub.write('box', key);
  const message = 'x'.repeat(3_000_000);
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) => say(hub, box, index === 0 ? { message } : {})),
  );
  deepStrictEqual(
    answers.filter((answer) => !answer.startsWith('K')),
    [],
  );
  strictEqual(hub.intake.messages.length, 60);
  ok(hub.intake.messages.some(({ text }) => text.endsWith(message)));
});

test('an unknown key is told Z and is noted, and is known from the next connection on', async () => {
  const hub = await secureHub();
  const fingerprint = fingerprintOf(box);
  const refusal = `this hub does not know the key ${fingerprint}: the request is noted, and its operator approves it with qmail-satellites (#4.7.0)`;
  strictEqual(await say(hub, box), `Z${refusal}`);
  deepStrictEqual(hub.lines, [`qmqpd: peer=127.0.0.1 verdict=Z text="${refusal}"`]);
  deepStrictEqual(readdirSync(`${hub.control}/satellites/.requests`), [fingerprint.slice('sha256:'.length)]);
  hub.write('box', key);
  match(await say(hub, box), /^K/);
  strictEqual(hub.intake.messages.length, 1);
});

test('a revoked key is told so, although its session could be resumed', async () => {
  const hub = await secureHub();
  hub.write('box', key);
  match(await say(hub, box), /^K/);
  hub.write('box', key, 'revoked');
  strictEqual(await say(hub, box), 'Zthe key of box is revoked (#4.7.0)');
  deepStrictEqual(hub.lines, ['qmqpd: peer=box verdict=Z text="the key of box is revoked (#4.7.0)"']);
  unlinkSync(`${hub.control}/satellites/box`);
  match(await say(hub, box), /^Zthis hub does not know the key/);
});

test('an expired certificate is told so', async () => {
  const hub = await secureHub();
  const expired = await expiredIdentity('old.example');
  hub.write('old', `key ${fingerprintOf(expired)}`);
  strictEqual(
    await say(hub, expired),
    'Zthe certificate of old has expired: Jan  2 00:00:00 2001 GMT (#4.7.0)',
  );
  match(hub.lines[0] ?? '', /^qmqpd: peer=old verdict=Z text="the certificate of old has expired/);
});

test('a hub with another key than the pinned one gets nothing, and both sides say why', async () => {
  const hub = await secureHub();
  hub.write('box', key);
  const pins = [fingerprintOf(box)];
  strictEqual(
    await say(hub, box, { pins }),
    `connect-failed: its key ${hub.pin} is not the one that is pinned`,
  );
  await found(hub.lines, /^qmqps: peer=.* is the key of this hub the one that it expects\?$/);
  strictEqual(hub.intake.begun, 0);
});

test('a hub with an expired certificate gets nothing', async () => {
  const hub = await secureHub({ identity: await expiredIdentity('hub.test') });
  hub.write('box', key);
  strictEqual(await say(hub, box), 'connect-failed: its certificate has expired: Jan  2 00:00:00 2001 GMT');
  await found(hub.lines, /^qmqps: peer=.* is the key of this hub the one that it expects\?$/);
});

/** The error of a client that speaks TLS in a way of its own, or '' when it was let in. */
function attempt(port: number, own: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const options = { key: box, cert: box, ALPNProtocols: ['qmqp/1'], rejectUnauthorized: false, ...own };
    const socket = connect({ port, host: '127.0.0.1', ...options });
    let said = '';
    socket.on('data', (bytes: Buffer) => {
      said += bytes.toString('latin1');
    });
    socket.on('error', (error) => resolve(String(error)));
    socket.on('end', () => {
      socket.destroy();
      resolve(said);
    });
  });
}

test('older TLS, another protocol and no key are refused, and both sides say why', async () => {
  const hub = await secureHub();
  hub.write('box', key);
  match(await attempt(hub.port, { maxVersion: 'TLSv1.2' }), /protocol version/);
  await found(hub.lines, /^qmqps: peer=127\.0\.0\.1 TLS failed: it offers no TLS 1\.3$/);
  match(await attempt(hub.port, { ALPNProtocols: ['h2'] }), /no application protocol/);
  await found(hub.lines, /^qmqps: peer=127\.0\.0\.1 TLS failed: it does not speak qmqp\/1 in TLS$/);
  match(
    await attempt(hub.port, { key: undefined, cert: undefined }),
    /^\d+:Za satellite is known by its key, and none was shown \(#4\.7\.0\),$/,
  );
  strictEqual(hub.intake.begun, 0);
});

test('plain QMQP on the port of TLS is refused in plain QMQP', async () => {
  const hub = await secureHub();
  const peer = await qmqpPeer(hub.port);
  peer.send(qmqpRequest('body', 's@x', 'r@y'));
  match(await peer.reply, /^\d+:Zthis port is for QMQP in TLS \(#4\.7\.0\),$/);
  deepStrictEqual(hub.lines, ['qmqps: peer=127.0.0.1 speaks no TLS']);
});

test('TLS on the port of plain QMQP is refused, and both sides say why', async (context) => {
  const lines: string[] = [];
  const intake = memoryIntake();
  const log = (line: string) => lines.push(line);
  const listener = await listenQmqp({ address: '127.0.0.1', port: 0, intake, log });
  context.after(() => listener.close());
  const { network, monotonic } = nodeSystem([]);
  const pack = formatPackage({ sizeBytes: 0, chunks: () => [] }, { sender: '', recipients: ['r@y'] });
  const limits = { connectMs: 10_000, idleMs: 10_000, totalMs: 20_000 };
  const world = { network, monotonic, identity: () => box };
  const target = { pins: [fingerprintOf(box)] };
  deepStrictEqual(await exchange(world, '127.0.0.1', listener.address.port, pack, limits, target), {
    kind: 'connect-failed',
    text: 'it does not speak TLS on this port',
  });
  await found(
    lines,
    /^qmqpd: peer=127\.0\.0\.1 verdict=Z text="this port is for QMQP without TLS \(#4\.7\.0\)"$/,
  );
});

test('the hub changes its key without a signal, and no message is lost on the way', async () => {
  const hub = await secureHub();
  hub.write('box', key);
  const next = await identityOf('next.hub.test');
  const both = [hub.pin, fingerprintOf(next)];
  match(await say(hub, box, { pins: both }), /^K/);
  writeFileSync(`${hub.control}/qmqpskey.next`, next);
  renameSync(`${hub.control}/qmqpskey.next`, `${hub.control}/qmqpskey`);
  match(await say(hub, box, { pins: both }), /^K/);
  match(await say(hub, box, { pins: [fingerprintOf(next)] }), /^K/);
  match(
    await say(hub, box, { pins: [hub.pin] }),
    /^connect-failed: its key .* is not the one that is pinned$/,
  );
  ok(hub.lines.includes('notice: qmqps: the key of this hub is another now'));
});

test('a satellite changes its key without losing a message', async () => {
  const hub = await secureHub();
  const next = await identityOf('next.box.example');
  hub.write('box', key);
  match(await say(hub, next), /^Z/);
  hub.write('box', key, `key ${fingerprintOf(next)}`);
  for (const identity of [box, next]) match(await say(hub, identity), /^K/);
  hub.write('box', `key ${fingerprintOf(next)}`);
  match(await say(hub, box), /^Z/);
  match(await say(hub, next), /^K/);
  deepStrictEqual(
    hub.intake.messages.map(({ origin }) => origin.host),
    ['box', 'box', 'box'],
  );
});

test('connections are counted by satellite, and limited', async () => {
  const hub = await secureHub({
    limits: { ...qmqpServerLimits, connectionsMax: 3, connectionsPerPeerMax: 1 },
  });
  hub.write('box', key);
  const held = connect({
    port: hub.port,
    host: '127.0.0.1',
    key: box,
    cert: box,
    ALPNProtocols: ['qmqp/1'],
    rejectUnauthorized: false,
  });
  held.on('error', () => {});
  await new Promise((resolve) => held.once('secureConnect', resolve));
  // One address may have one connection as well, until its satellite is known.
  const answer = await until('a second one to be told', async () => {
    const said = await say(hub, box);
    return said.startsWith('Z') || said.startsWith('connect-failed') ? said : undefined;
  });
  match(answer, /^Ztoo many connections|^connect-failed: it closed the connection before TLS/);
  held.destroy();
  await until('the first to be gone', async () => ((await say(hub, box)).startsWith('K') ? true : undefined));
});

test('what was sent is counted, and written when the listener closes', async () => {
  const hub = await secureHub();
  hub.write('box', key);
  await say(hub, box, { message: '12345', recipients: ['a@y', 'b@y'] });
  await hub.close();
  const { readUsage } = await import('../../src/serve/index.ts');
  const { lastMs, ...usage } = readUsage(`${hub.control}/satellites/.heard`, 'box');
  deepStrictEqual(usage, { messages: 1, recipients: 2, bytes: 5 });
  ok(Math.abs(Date.now() - lastMs) < 60_000);
});

test('without a key there is no listener', async () => {
  const control = `${temporaryHome()}/control`;
  const options = { address: '127.0.0.1', port: 0, control, intake: memoryIntake(), log: () => {} };
  await rejects(listenQmqps(options), { code: 'ENOENT' });
});
