import { deepStrictEqual, match, rejects, strictEqual } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type Deliveries, type Hub, type HubOptions, startHub } from '../../src/programs/hub.ts';
import { classicLines } from '../../src/send/index.ts';
import { listenAddressText, relayIntake } from '../../src/serve/index.ts';
import { type Answer, byteStringOf, bytesOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { queueAt, sendTo } from '../support/hub-clients.ts';
import { hubHome } from '../support/hub-home.ts';
import { openTestStore } from '../support/open-store.ts';
import { until } from '../support/until.ts';

const ownUid = process.getuid?.() ?? 0;

interface Started {
  readonly hub: Hub;
  readonly home: string;
  readonly log: readonly string[];
  /** What was asked of those who deliver, and when they were closed. */
  readonly asked: readonly string[];
  line(pattern: RegExp): Promise<string>;
  stop(): Promise<void>;
}

interface Options extends Partial<HubOptions> {
  readonly answer?: (address: string) => Answer | Promise<Answer>;
  readonly home?: string;
}

/** A hub in this process whose deliveries are a test's. */
async function start(context: TestContext, options: Options = {}): Promise<Started> {
  const { answer = () => ({ verdict: 'K', text: '' }) as const, home = hubHome(), ...more } = options;
  const log: string[] = [];
  const asked: string[] = [];
  const deliver = (kind: string) => async (job: { readonly address: string }) => {
    asked.push(`${kind} ${job.address}`);
    return await answer(job.address);
  };
  const deliveries = (): Deliveries => ({
    deliver: { local: deliver('local'), remote: deliver('remote') },
    close: async () => {
      asked.push('closed');
    },
  });
  const system = nodeSystem([]);
  const hub = await startHub({
    system: { ...system, env: (name) => (name === 'QMAILHOME' ? byteStringOf(home) : undefined) },
    home: byteStringOf(home),
    deliveries,
    listen: [],
    report: (event) => log.push(...classicLines(event, () => String(ownUid))),
    onLost: (error) => {
      throw error;
    },
    ...more,
  });
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= hub.stop();
    return stopped;
  };
  context.after(stop);
  return {
    hub,
    home,
    log,
    asked,
    stop,
    line: (pattern) => until(String(pattern), () => log.find((text) => pattern.test(text)), 10_000),
  };
}

test('local and remote recipients go to those who deliver, who are closed when all is done', async (context) => {
  const finish = Promise.withResolvers<Answer>();
  const { home, asked, line, stop } = await start(context, { answer: () => finish.promise });
  await queueAt(home, 'you@hub.test');
  await queueAt(home, 'you@far.example');
  await until('both', () => (asked.length === 2 ? true : undefined));
  const stopped = stop();
  finish.resolve({ verdict: 'K', text: '' });
  await stopped;
  await line(/^end msg 2$/);
  deepStrictEqual(asked, ['local you@hub.test', 'remote you@far.example', 'closed']);
});

test('without accounts there is no relay, and every caller is a uid', async (context) => {
  const { home, line, hub } = await start(context);
  strictEqual(existsSync(`${home}/queue/relay`), false);
  await queueAt(home, 'you@hub.test');
  await line(/^end msg 1$/);
  deepStrictEqual(hub.addresses, []);
});

/** The first bytes of a message that waits. */
function head(hub: Hub, id: number): string {
  const message = hub.store.message(id);
  if (message === undefined) throw new Error(`no message ${id}`);
  for (const chunk of hub.store.body(message).chunks()) return Buffer.from(chunk).toString('latin1');
  return '';
}

const later = { answer: () => ({ verdict: 'Z', text: 'later\n' }) as const };

test('alias is named, and a server is believed whom a message is from', async (context) => {
  const alias = await start(context, { ...later, accounts: { aliasUid: ownUid, serverUid: -1 } });
  await queueAt(alias.home, 'you@hub.test');
  await alias.line(/deferral/);
  match(head(alias.hub, 1), /^Received: \(qmail 1 invoked by alias\); /);

  const server = await start(context, { ...later, accounts: { aliasUid: -1, serverUid: ownUid } });
  await queueAt(server.home, 'you@hub.test');
  await server.line(/deferral/);
  match(head(server.hub, 1), /^Received: \(qmail 1 invoked from network\); /);
  const relay = relayIntake(nodeSystem([]), server.home);
  const incoming = relay.begin({ caller: 'network', host: '192.0.2.1', received: 'Received: from afar\n' });
  await incoming.write(bytesOf('Subject: x\n\nbody\n'));
  const answer = await incoming.commit({ sender: 's@x', recipients: ['you@hub.test'] });
  strictEqual(answer.verdict, 'K');
  match(
    head(server.hub, incoming.id),
    /^Received: \(qmail \d+ invoked from network\); .*\nReceived: from afar\nSubject/,
  );
  relay.close();
});

test('who is no server relays nothing', async (context) => {
  const { home, hub, log } = await start(context, { accounts: { aliasUid: -1, serverUid: 424_242 } });
  const relay = relayIntake(nodeSystem([]), home);
  const incoming = relay.begin({ caller: 'network', host: '192.0.2.1' });
  strictEqual((await incoming.commit({ sender: 's@x', recipients: ['you@hub.test'] })).verdict, 'Z');
  strictEqual(hub.store.counts().messages, 0);
  match(log.join('\n'), new RegExp(`uid ${ownUid} is no network server`));
});

test('it listens, and says where', async (context) => {
  const place = { address: '127.0.0.1', port: 0 };
  const { hub, line } = await start(context, { listen: [place, place] });
  strictEqual(hub.addresses.length, 2);
  for (const address of hub.addresses) {
    match(await sendTo(listenAddressText(address), 'you@hub.test', 'Subject: x\n\n'), /^\d+:Kok/);
  }
  await line(/^end msg 2$/);
});

test('deliveries that cannot be had, and addresses: nobody finds the queue in use', async (context) => {
  const home = hubHome();
  const none = { home, deliveries: () => Promise.reject(new Error('no deliveries')) };
  await rejects(start(context, none), { message: 'no deliveries' });
  const { hub, stop } = await start(context, { listen: [{ address: '127.0.0.1', port: 0 }] });
  await rejects(start(context, { home, listen: hub.addresses }), { message: /EADDRINUSE/ });
  const { store } = await openTestStore({ directory: `${home}/queue` });
  await store.close();
  await stop();
});

test('a home without me is named before the queue is touched', async (context) => {
  const home = hubHome({ locals: 'hub.test\n' });
  await rejects(start(context, { home }), { message: /control\/me is missing/ });
  strictEqual(existsSync(`${home}/queue/intake`), false);
});

test('what waits is due now when it is told so, and control files are read again', async (context) => {
  let verdict: 'Z' | 'K' = 'Z';
  const { hub, home, asked, line } = await start(context, { answer: () => ({ verdict, text: 'x\n' }) });
  await queueAt(home, 'you@hub.test');
  await line(/deferral/);
  verdict = 'K';
  hub.retryNow();
  await line(/^end msg 1$/);
  deepStrictEqual(asked, ['local you@hub.test', 'local you@hub.test']);
  hub.reload();
  await line(/control files read again/);
  match(readFileSync(`${home}/control/me`, 'latin1'), /hub\.test/);
});
