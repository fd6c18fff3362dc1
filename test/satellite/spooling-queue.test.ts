import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openSatelliteRoute, satelliteQueue } from '../../src/satellite/index.ts';
import { createSpill } from '../../src/submit/index.ts';
import { bytesOf, type System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';
import { answering, type Script, scriptedHub } from '../support/scripted-hub.ts';
import { unusedPort } from '../support/unused-port.ts';

const request = '19:4:body,3:s@x,3:r@y,,';

function systemAt(home: string): System {
  return { ...nodeSystem([]), env: (name) => (name === 'QMAILHOME' ? home : undefined) };
}

async function submit(controls: Readonly<Record<string, string>>) {
  const home = temporaryHome(controls);
  const system = systemAt(home);
  const message = createSpill(system);
  message.write(bytesOf('body'));
  const outcome = await satelliteQueue(system, message, { sender: 's@x', recipients: ['r@y'] });
  message.close();
  const queue = `${home}/spool/queue`;
  const kept = existsSync(queue) ? readdirSync(queue) : [];
  return { ...outcome, kept, contents: kept.map((name) => readFileSync(`${queue}/${name}`, 'latin1')) };
}

async function submitTo(scripts: readonly Script[], controls: Readonly<Record<string, string>> = {}) {
  const hubs = await Promise.all(scripts.map((script) => scriptedHub(script)));
  const qmqpservers = hubs.map((hub) => `${hub.text}\n`).join('');
  const result = await submit({ qmqpservers, timeoutremote: '1\n', spool: 'spool\n', ...controls });
  return { ...result, hubs };
}

test('what a hub takes or refuses is not kept', async () => {
  const taken = await submitTo([answering('3:Kok,')]);
  deepStrictEqual([taken.exitCode, taken.answer.text, taken.kept], [0, 'ok', []]);
  const refused = await submitTo([answering('3:Dno,')]);
  deepStrictEqual([refused.exitCode, refused.kept], [31, []]);
});

test('what no hub takes now is kept, and that is success', async () => {
  const cases: Readonly<Record<string, Script>> = {
    Z: answering('5:Zbusy,'),
    'a reset before the last byte': (connection) => connection.reset(),
  };
  for (const [name, script] of Object.entries(cases)) {
    const { exitCode, answer, contents } = await submitTo([script]);
    deepStrictEqual([exitCode, answer.verdict, contents], [0, 'K', [request]], name);
    match(answer.text, /^kept in the spool as [0-9a-f]{16}; .*127\.0\.0\.1/);
  }
  const gone = await submit({ qmqpservers: `127.0.0.1:${await unusedPort()}\n`, spool: 'spool\n' });
  deepStrictEqual([gone.exitCode, gone.contents], [0, [request]]);
  match(gone.kept[0] ?? '', /^[^,]*$/);
});

test('one that a hub may have is offered to no other, and says so', async () => {
  const scripts: Readonly<Record<string, Script>> = {
    close: answering(''),
    silence: (connection) => connection.request(),
    'no reply': answering('Kok'),
    'a second answer that decides nothing': (connection, index) =>
      answering(index === 0 ? '' : '5:Zbusy,')(connection, index),
  };
  for (const [name, script] of Object.entries(scripts)) {
    const { exitCode, kept, hubs } = await submitTo([script, answering('3:Kok,')]);
    strictEqual(exitCode, 0, name);
    deepStrictEqual(
      hubs.map(({ received }) => received.length),
      [2, 0],
      name,
    );
    strictEqual(kept[0]?.split(',')[1], hubs[0]?.text, name);
  }
});

test('without control/spool it is the queue of qmail-qmqpc, which asks the next hub', async () => {
  const { exitCode, kept, hubs } = await submitTo([answering(''), answering('3:Kok,')], { spool: '#none\n' });
  deepStrictEqual([exitCode, kept, hubs[1]?.received.length], [0, [], 0]);
  const list = await Promise.all([answering(''), answering('3:Kok,')].map((script) => scriptedHub(script)));
  const classic = await submit({ qmqpservers: list.map((hub) => `${hub.text}\n`).join('') });
  deepStrictEqual([classic.exitCode, classic.answer.text, list[1]?.received.length], [0, 'ok', 1]);
  strictEqual((await submit({ qmqpservers: `127.0.0.1:${await unusedPort()}\n` })).exitCode, 73);
});

test('a spool that is full or cannot be written to is a temporary failure, with both texts', async () => {
  const qmqpservers = `127.0.0.1:${await unusedPort()}\n`;
  const full = await submit({ qmqpservers, spool: 'spool\n', spoolmessages: '0\n' });
  deepStrictEqual([full.exitCode, full.answer.verdict, full.kept], [53, 'Z', []]);
  match(full.answer.text, /spool is full.*spoolmessages allows 0; .*connection refused$/);
  const nowhere = await submit({ qmqpservers, spool: '/missing/spool\n' });
  strictEqual(nowhere.exitCode, 53);
  match(nowhere.answer.text, /\/missing\/spool.*connection refused$/);
});

test('a configuration that is wrong is reported, and nothing is kept', async () => {
  const none = await submit({ spool: 'spool\n' });
  deepStrictEqual([none.exitCode, none.kept], [55, []]);
  const empty = await submit({ qmqpservers: '#\n', spool: 'spool\n' });
  deepStrictEqual([empty.exitCode, empty.kept], [55, []]);
  const route = openSatelliteRoute(systemAt(temporaryHome({ qmqpservers: '127.0.0.1\n', spool: '' })));
  strictEqual(!route.ok && route.outcome.exitCode, 55);
});
