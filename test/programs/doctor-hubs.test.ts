import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../src/programs/doctor-finding.ts';
import { inspectHubs } from '../../src/programs/doctor-hubs.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';
import { fingerprintOf, identityOf } from '../support/identity.ts';
import { answering, type Script, scriptedHub } from '../support/scripted-hub.ts';
import { secureHub } from '../support/secure-hub.ts';
import { unusedPort } from '../support/unused-port.ts';

function inspect(servers: string | undefined, controls = {}): Promise<readonly Finding[]> {
  const home = temporaryHome({ ...(servers === undefined ? {} : { qmqpservers: servers }), ...controls });
  return inspectHubs({ ...nodeSystem([]), env: (name) => (name === 'QMAILHOME' ? home : undefined) });
}

const reply = (text: string) => `${text.length}:${text},`;

/** What is found of a hub that behaves like this, and what it received. */
async function met(
  script: Script,
): Promise<{ readonly finding: Finding | undefined; readonly received: string }> {
  const hub = await scriptedHub(script);
  const [finding] = await inspect(hub.text, { timeoutremote: '1\n' });
  return { finding, received: hub.received[0] ?? '' };
}

test('a hub is asked with an empty netstring, and refuses it', async () => {
  const { finding, received } = await met(answering(reply('Dthis is no QMQP request (#5.5.2)')));
  deepStrictEqual([finding?.state, finding?.says], ['ok', 'speaks QMQP']);
  strictEqual(received, '0:,');
});

test('a hub that hangs up on it may still be one', async () => {
  for (const script of [
    (connection) => connection.close(),
    async (connection) => {
      await connection.request();
      connection.reset();
    },
  ] satisfies readonly Script[]) {
    const { finding } = await met(script);
    deepStrictEqual([finding?.state, /hangs up/.test(finding?.says ?? '')], ['ok', true]);
  }
});

test('what a hub says against this host is passed on, and what is no hub is told', async () => {
  const refused = (await met(answering(reply('Znot allowed by its rules')))).finding;
  strictEqual(refused?.state, 'problem');
  match(refused?.says ?? '', /not allowed by its rules/);
  const smtp = (await met(answering('220 mail.example ESMTP\r\n'))).finding;
  deepStrictEqual([smtp?.state, /look at the port/.test(smtp?.advice ?? '')], ['problem', true]);
  strictEqual((await met(answering(reply('Kok')))).finding?.state, 'problem');
  const silent = (await met(() => undefined)).finding;
  deepStrictEqual([silent?.state, /how busy/.test(silent?.advice ?? '')], ['problem', true]);
});

test('without a hub no mail goes out', async () => {
  for (const servers of [undefined, '', '# none\n']) {
    const [finding] = await inspect(servers);
    deepStrictEqual([finding?.what, finding?.state], ['control/qmqpservers', 'problem']);
  }
  const wrong = await inspect('hub!\n');
  deepStrictEqual(
    wrong.map(({ state }) => state),
    ['warning', 'problem'],
  );
});

test('a hub that is away is a problem when it is alone, and a warning beside one that works', async () => {
  const away = `127.0.0.1:${await unusedPort()}`;
  const [alone] = await inspect(away);
  deepStrictEqual([alone?.state, alone?.says], ['problem', 'connection refused']);
  match(alone?.advice ?? '', /whether the hub runs/);
  const hub = await scriptedHub(answering(reply('Dno')));
  deepStrictEqual(
    (await inspect(`${away}\n${hub.text}\n`)).map(({ what, state }) => [what, state]),
    [
      [`hub ${away}`, 'warning'],
      [`hub ${hub.text}`, 'ok'],
    ],
  );
});

test('each address of a name is looked at, and a name without one is told', async () => {
  const hub = await scriptedHub(answering(reply('Dno')));
  const found = await inspect(`localhost:${hub.port}`);
  match(found[0]?.what ?? '', /^hub localhost:\d+ \(\S+\)$/);
  const [lost] = await inspect('no-such-host.invalid');
  strictEqual(lost?.state, 'problem');
  match(lost?.says ?? '', /no such host name|lookup failed/);
});

test('a hub in TLS is asked with the key of this host', async () => {
  const [hub, identity] = [await secureHub(), await identityOf('box.test')];
  const look = async (pin: string, controls = {}) =>
    (await inspect(`qmqps://127.0.0.1:${hub.port} ${pin}`, controls))[0];
  match((await look(hub.pin))?.says ?? '', /control\/qmqpskey is missing/);
  const key = { qmqpskey: identity };
  const stranger = await look(hub.pin, key);
  deepStrictEqual(
    [stranger?.state, /takes nothing from here now/.test(stranger?.says ?? '')],
    ['problem', true],
  );
  hub.write('box', `key ${fingerprintOf(identity)}`);
  const known = await look(hub.pin, key);
  deepStrictEqual([known?.state, known?.says], ['ok', 'speaks QMQP']);
  const wrong = await look(fingerprintOf(identity), key);
  deepStrictEqual([wrong?.state, /not the one that is pinned/.test(wrong?.says ?? '')], ['problem', true]);
  match(wrong?.advice ?? '', /only if that is it/);
});
