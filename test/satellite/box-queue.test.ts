import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { collectorReplyMs } from '../../src/satellite/box-queue.ts';
import { boxQueue, openBoxRoute } from '../../src/satellite/index.ts';
import { runCollector } from '../../src/satellite/later.ts';
import { createSpill } from '../../src/submit/index.ts';
import { bytesOf, type Stream, type System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';
import { scriptedHub } from '../support/scripted-hub.ts';

function systemAt(controls: Readonly<Record<string, string>>): { system: System; home: string } {
  const home = temporaryHome(controls);
  return { home, system: { ...nodeSystem([]), env: (name) => (name === 'QMAILHOME' ? home : undefined) } };
}

async function submit(system: System) {
  const spill = createSpill(system);
  spill.write(bytesOf('hello\n'));
  return await boxQueue(system, spill, { sender: 's@x', recipients: ['r@y'] });
}

test('without more words the caller itself speaks with the hub', async () => {
  const hub = await scriptedHub(async (connection) => {
    await connection.request();
    connection.send('3:Kok,');
    connection.close();
  });
  const { system } = systemAt({ qmqpservers: `${hub.text}\n` });
  deepStrictEqual(await submit(system), { exitCode: 0, answer: { verdict: 'K', text: 'ok' } });
});

test('control/collector sends it to the collector, whatever else there is', async (context) => {
  const directory = temporaryDirectory();
  const { system } = systemAt({
    collector: `${directory}\n`,
    drop: '/nowhere\n',
    qmqpservers: '127.0.0.1:1\n',
  });
  const ready = Promise.withResolvers<void>();
  const ended = runCollector(system, {
    directory,
    idleMs: 50,
    queue: async () => ({ exitCode: 0, answer: { verdict: 'K', text: 'collected' } }),
    onReady: ready.resolve,
    log: () => {},
  });
  context.after(() => ended);
  await ready.promise;
  deepStrictEqual(await submit(system), { exitCode: 0, answer: { verdict: 'K', text: 'collected' } });
});

test('whoever waits for the collector does not give up before the collector does', async () => {
  const directory = temporaryDirectory();
  const { system } = systemAt({ collector: `${directory}\n` });
  mkdirSync(`${directory}/proof`);
  const waits: number[] = [];
  const said = ['4:abcd,', '3:Kok,'];
  const stream: Stream = {
    async read(timeoutMs) {
      waits.push(timeoutMs);
      return bytesOf(said.shift() ?? '');
    },
    async write() {},
    close() {},
  };
  const network = { ...system.network, connectLocal: async () => stream };
  strictEqual((await submit({ ...system, network })).exitCode, 0);
  deepStrictEqual(waits, [300_000, collectorReplyMs]);
});

test('without anybody there it is for now, and says what to look for', async () => {
  const { system } = systemAt({ collector: 'nobody\n' });
  const { exitCode, answer } = await submit(system);
  deepStrictEqual([exitCode, answer.verdict], [62, 'Z']);
  match(answer.text, /is qmail-collectd running\?.*nobody\/intake/);
});

test('control/drop leaves it there, relative to the home', async () => {
  const { system, home } = systemAt({ drop: 'drop\n', spoolfree: '0\n' });
  const missing = await submit(system);
  deepStrictEqual([missing.exitCode, missing.answer.verdict], [53, 'Z']);
  mkdirSync(`${home}/drop`);
  const { exitCode, answer } = await submit(system);
  deepStrictEqual([exitCode, answer.verdict], [0, 'K']);
  match(answer.text, /^left in .*\/drop for the next flush$/);
  strictEqual(readdirSync(`${home}/drop`).length, 1);
});

test('a file that names nothing is a mistake, told before a message is read', () => {
  for (const name of ['collector', 'drop']) {
    const route = openBoxRoute(systemAt({ [name]: '\n' }).system);
    strictEqual(route.ok, false);
    if (!route.ok) {
      strictEqual(route.outcome.exitCode, 55);
      match(route.outcome.answer.text, new RegExp(`control/${name} names no directory`));
    }
  }
});
