import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { attemptText, formatPackage, type Hub, submitPackage } from '../../qmqp/index.ts';
import { bytesOf, type Network, SystemError } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { answering, type Script, type ScriptedHub, scriptedHub } from '../support/scripted-hub.ts';
import { unusedPort } from '../support/unused-port.ts';

const limits = { connectMs: 5000, idleMs: 300, totalMs: 20_000 };

const world = nodeSystem([]);

const pack = formatPackage(
  { sizeBytes: 4, chunks: () => [bytesOf('body')] },
  { sender: 's@x', recipients: ['r@y'] },
);
const request = '19:4:body,3:s@x,3:r@y,,';

/** Submits to hubs with these scripts, in order. */
async function submit(...scripts: readonly Script[]) {
  const hubs: ScriptedHub[] = [];
  for (const script of scripts) hubs.push(await scriptedHub(script));
  const list = hubs.map((hub): Hub => ({ host: hub.address, port: hub.port }));
  const { outcome, attempts } = await submitPackage(world, list, pack, limits);
  return {
    outcome,
    texts: attempts.map(attemptText),
    /** Connections of each hub. */
    connections: hubs.map((hub) => hub.received.length),
    hubs,
  };
}

const took = { kind: 'answered', answer: { verdict: 'K', text: 'ok' } };

test('the first hub that takes the message is the last one asked', async () => {
  const { outcome, connections, hubs } = await submit(answering('3:Kok,'), answering('3:Kok,'));
  deepStrictEqual(outcome, took);
  deepStrictEqual(connections, [1, 0]);
  deepStrictEqual(hubs[0]?.received, [request]);
});

test('the next hub is asked after Z', async () => {
  const { outcome, connections, texts, hubs } = await submit(answering('5:Zbusy,'), answering('3:Kok,'));
  deepStrictEqual(outcome, took);
  deepStrictEqual(connections, [1, 1]);
  strictEqual(texts[0], `${hubs[0]?.text}: not now: busy`);
});

test('D ends the search', async () => {
  const { outcome, connections } = await submit(answering('3:Dno,'), answering('3:Kok,'));
  deepStrictEqual(outcome, { kind: 'answered', answer: { verdict: 'D', text: 'no' } });
  deepStrictEqual(connections, [1, 0]);
});

test('the next hub is asked when one refuses the connection', async () => {
  const port = await unusedPort();
  const hub = await scriptedHub(answering('3:Kok,'));
  const list = [
    { host: '127.0.0.1', port },
    { host: hub.address, port: hub.port },
  ];
  const { outcome, attempts } = await submitPackage(world, list, pack, limits);
  deepStrictEqual(outcome, took);
  strictEqual(attempts.map(attemptText)[0], `127.0.0.1:${port}: connection refused`);
});

test('a session that breaks after the last byte is repeated at the same hub, with the same bytes', async () => {
  const breaks: Readonly<Record<string, Script>> = {
    close: answering(''),
    'half an answer': answering('3:Ko'),
    'no netstring': answering('Kok'),
    silence: (connection) => connection.request(),
    async reset(connection) {
      await connection.request();
      connection.reset();
    },
  };
  for (const [name, first] of Object.entries(breaks)) {
    const { outcome, connections, hubs } = await submit(
      (connection, index) => (index === 0 ? first : answering('3:Kok,'))(connection, index),
      answering('3:Kok,'),
    );
    deepStrictEqual(outcome, took, name);
    deepStrictEqual(connections, [2, 0], name);
    deepStrictEqual(hubs[0]?.received, [request, request], name);
  }
});

test('it is repeated once; then the next hub is asked', async () => {
  const { outcome, connections } = await submit(answering(''), answering('3:Kok,'));
  deepStrictEqual(outcome, took);
  deepStrictEqual(connections, [2, 1]);
});

test('a repetition that is answered decides', async () => {
  const second = (reply: string) => (connection: Parameters<Script>[0], index: number) =>
    answering(index === 0 ? '' : reply)(connection, index);
  const refused = await submit(second('3:Dno,'), answering('3:Kok,'));
  deepStrictEqual(refused.outcome, { kind: 'answered', answer: { verdict: 'D', text: 'no' } });
  deepStrictEqual(refused.connections, [2, 0]);
  const later = await submit(second('5:Zbusy,'), answering('3:Kok,'));
  deepStrictEqual(later.outcome, took);
  deepStrictEqual(later.connections, [2, 1]);
});

test('when the hub cannot be reached for the repetition, the session stays what it was: broken', async () => {
  const hub = await scriptedHub(async (connection) => {
    await connection.request();
    hub.close();
  });
  const list = [{ host: hub.address, port: hub.port }];
  const { outcome, attempts } = await submitPackage(world, list, pack, limits);
  strictEqual(outcome?.kind, 'broken');
  match(attempts.map(attemptText)[1] ?? '', /connection refused/);
});

test('the last hub decides when none takes the message, and each is named', async () => {
  const { outcome, texts, hubs } = await submit(answering(''), answering('5:Zbusy,'));
  deepStrictEqual(outcome, { kind: 'answered', answer: { verdict: 'Z', text: 'busy' } });
  const [first, second] = hubs.map((hub) => hub.text);
  deepStrictEqual(texts, [
    `${first}: connection closed without a complete answer`,
    `${first}: connection closed without a complete answer`,
    `${second}: not now: busy`,
  ]);
});

test('what a hub may have is offered to no other when that is asked for', async () => {
  const hubs = [await scriptedHub(answering('')), await scriptedHub(answering('3:Kok,'))];
  const list = hubs.map((hub): Hub => ({ host: hub.address, port: hub.port }));
  const alone = await submitPackage(world, list, pack, limits, { alone: true });
  strictEqual(alone.outcome?.kind, 'broken');
  deepStrictEqual(alone.unknownAt, [hubs[0]?.text]);
  deepStrictEqual(
    alone.attempts.map(({ place }) => place),
    [hubs[0]?.text, hubs[0]?.text],
  );
  const both = await submitPackage(world, list, pack, limits);
  deepStrictEqual([both.outcome, both.unknownAt], [took, []]);
});

test('a hub that may have the message is asked first, and alone while it does not answer', async () => {
  const gone = `127.0.0.1:${await unusedPort()}`;
  const hubs = [await scriptedHub(answering('3:Kok,')), await scriptedHub(answering('3:Kok,'))];
  const list = hubs.map((hub): Hub => ({ host: hub.address, port: hub.port }));
  const second = hubs[1]?.text ?? '';
  const first = await submitPackage(world, list, pack, limits, { unknownAt: [second] });
  deepStrictEqual(
    first.attempts.map(({ place }) => place),
    [second],
  );
  const [host = '', port = ''] = gone.split(':');
  const more = [...list, { host, port: Number(port) }];
  const waiting = await submitPackage(world, more, pack, limits, { unknownAt: [gone], alone: true });
  deepStrictEqual([waiting.outcome?.kind, waiting.unknownAt], ['connect-failed', [gone]]);
  const impatient = await submitPackage(world, more, pack, limits, { unknownAt: [gone] });
  deepStrictEqual(
    impatient.attempts.map(({ place }) => place),
    [gone, hubs[0]?.text],
  );
  const forgotten = await submitPackage(world, list, pack, limits, { unknownAt: [gone], alone: true });
  deepStrictEqual([forgotten.outcome, forgotten.attempts.length], [took, 1]);
});

test('a place may be passed over', async () => {
  const hubs = [await scriptedHub(answering('3:Kok,')), await scriptedHub(answering('3:Kok,'))];
  const list = hubs.map((hub): Hub => ({ host: hub.address, port: hub.port }));
  const enter = (place: string) => place !== hubs[0]?.text;
  const { attempts } = await submitPackage(world, list, pack, limits, { enter });
  deepStrictEqual(
    attempts.map(({ place }) => place),
    [hubs[1]?.text],
  );
  const none = await submitPackage(world, list, pack, limits, { enter: () => false });
  deepStrictEqual(none, { outcome: undefined, attempts: [], unknownAt: [] });
});

test('without a hub there is no outcome', async () => {
  deepStrictEqual(await submitPackage(world, [], pack, limits), {
    outcome: undefined,
    attempts: [],
    unknownAt: [],
  });
});

test('a name is tried at each of its addresses, and one that is not found at none', async () => {
  const hub = await scriptedHub(answering('3:Kok,'));
  const network: Network = {
    ...world.network,
    resolve: async (name) => {
      if (name === 'missing.test') throw new SystemError('ENOTFOUND', 'getaddrinfo ENOTFOUND');
      return ['127.0.0.2', '127.0.0.1'];
    },
  };
  const list = ['missing.test', 'hub.test'].map((host) => ({ host, port: hub.port }));
  const { outcome, attempts } = await submitPackage({ ...world, network }, list, pack, limits);
  deepStrictEqual(outcome, took);
  deepStrictEqual(attempts.map(attemptText), [
    `missing.test:${hub.port}: no such host name`,
    `hub.test:${hub.port} (127.0.0.2): connection refused`,
    `hub.test:${hub.port} (127.0.0.1): took the message: ok`,
  ]);
});

test('hubs on IPv6', async (context) => {
  const hub = await scriptedHub(answering('3:Kok,'), '::1').catch(() => undefined);
  if (hub === undefined) {
    context.skip('this machine has no IPv6');
    return;
  }
  const { outcome } = await submitPackage(world, [{ host: '::1', port: hub.port }], pack, limits);
  deepStrictEqual(outcome, took);
});
