/** What a hub in TLS refuses, or what refuses that hub, waits in the spool; the flush says why, and sends it when that is over. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { listenQmqp } from '../../src/serve/index.ts';
import { expiredIdentity, fingerprintOf, identityOf } from '../support/identity.ts';
import { memoryIntake } from '../support/memory-intake.ts';
import { type SecureHub, secureHub } from '../support/secure-hub.ts';
import { testSpool } from '../support/spool.ts';

const identity = await identityOf('box.example');
const key = `key ${fingerprintOf(identity)}`;
const other = fingerprintOf(await identityOf('other.example'));

/** A satellite with a message in its spool, and a hub that would take it. */
async function waiting(own = identity) {
  const hub = await secureHub();
  const secure = `qmqps://127.0.0.1:${hub.port} ${hub.pin}`;
  const spool = testSpool([secure], { qmqpskey: own });
  spool.keep('1');
  const name = (line: string) => writeFileSync(`${spool.home}/control/qmqpservers`, `${line}\n`);
  return { hub, spool, secure, name };
}

type Waiting = Awaited<ReturnType<typeof waiting>>;

/** It stays, and both sides say why; with what is wrong put right it is sent, once. */
async function refused(
  { hub, spool }: Waiting,
  says: { readonly satellite: RegExp; readonly hub?: RegExp },
  putRight: () => void,
) {
  const { sent, bounced, failed, waiting: left, lastAnswer } = await spool.flush();
  deepStrictEqual({ sent, bounced, failed, left }, { sent: 0, bounced: 0, failed: 0, left: 1 });
  match(lastAnswer ?? '', says.satellite);
  if (says.hub !== undefined) match(hub.lines.join('\n'), says.hub);
  strictEqual(hub.intake.messages.length, 0);
  putRight();
  strictEqual((await spool.flush()).sent, 1);
  strictEqual(hub.intake.messages.length, 1);
  deepStrictEqual(spool.names(), []);
}

const known = (hub: SecureHub) => hub.write('box', key);

test('an unknown key', async () => {
  const box = await waiting();
  const says = /does not know the key sha256:[0-9a-f]{64}/;
  await refused(box, { satellite: says, hub: says }, () => known(box.hub));
});

test('a revoked key', async () => {
  const box = await waiting();
  box.hub.write('box', key, 'revoked');
  const says = /the key of box is revoked/;
  await refused(box, { satellite: says, hub: says }, () => known(box.hub));
});

test('another key of the hub than the one that is pinned', async () => {
  const { hub, spool, secure, name } = await waiting();
  known(hub);
  name(`qmqps://127.0.0.1:${hub.port} ${other}`);
  const satellite = /its key sha256:[0-9a-f]{64} is not the one that is pinned/;
  await refused({ hub, spool, secure, name }, { satellite }, () => name(secure));
});

test('an expired certificate', async () => {
  const expired = await expiredIdentity('box.example');
  const box = await waiting(expired);
  box.hub.write('old', `key ${fingerprintOf(expired)}`);
  const says = /the certificate of old has expired/;
  await refused(box, { satellite: says, hub: says }, () => {
    writeFileSync(`${box.spool.home}/control/qmqpskey`, identity);
    known(box.hub);
  });
});

test('plain QMQP to the port of TLS', async () => {
  const box = await waiting();
  known(box.hub);
  box.name(`127.0.0.1:${box.hub.port}`);
  const says = { satellite: /this port is for QMQP in TLS/, hub: /speaks no TLS/ };
  await refused(box, says, () => box.name(box.secure));
});

test('TLS to the port of plain QMQP', async (context) => {
  const lines: string[] = [];
  const plain = await listenQmqp({
    address: '127.0.0.1',
    port: 0,
    intake: memoryIntake(),
    log: (line) => lines.push(line),
  });
  context.after(() => plain.close());
  const box = await waiting();
  known(box.hub);
  box.name(`qmqps://127.0.0.1:${plain.address.port} ${box.hub.pin}`);
  await refused(box, { satellite: /it does not speak TLS on this port/ }, () => box.name(box.secure));
  match(lines.join('\n'), /this port is for QMQP without TLS/);
});
