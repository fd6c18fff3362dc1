/** A client that loses the connection after its last byte tries again, and the message is taken once. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { formatPackage, submitPackage } from '../../qmqp/index.ts';
import { listenQmqp } from '../../src/serve/index.ts';
import { type ByteString, bytesOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { type Break, breakingProxy } from '../support/breaking-proxy.ts';
import { startHub } from '../support/hub.ts';
import { hubControls, hubHome } from '../support/hub-home.ts';
import { countsOf, only, openTestStore } from '../support/open-store.ts';
import { until } from '../support/until.ts';

const world = nodeSystem([]);
const limits = { connectMs: 5000, idleMs: 20_000, totalMs: 60_000 };
const memoryMs = 60_000;

/** Far more than chance needs: three of four connections break, and with many clients any one may have bad luck for long. */
const triesMax = 200;

interface Sent {
  readonly text: ByteString;
  readonly sender?: ByteString;
  readonly recipients?: readonly ByteString[];
}

function packageOf({ text, sender = 's@x', recipients = ['r@y'] }: Sent) {
  return formatPackage({ sizeBytes: text.length, chunks: () => [bytesOf(text)] }, { sender, recipients });
}

function messageText(name: string): ByteString {
  return `Message-ID: <${name.padStart(6, '0')}@client.test>\n\nbody\n`;
}

const requestBytes = packageOf({ text: messageText('') }).sizeBytes;

/** What a test that failed has left open. */
const open = new Set<() => Promise<void>>();

after(() => Promise.all([...open].map((close) => close())));

/** A listener with a real store behind it, and the proxy that breaks its connections. */
async function openHub({
  choose = (): Break => 'whole',
  directory = '',
  memory = memoryMs,
  now = Date.now,
} = {}) {
  const opened = await openTestStore({ memoryMs: memory, now, ...(directory === '' ? {} : { directory }) });
  const listener = await listenQmqp({ address: '127.0.0.1', port: 0, intake: opened.store });
  const proxy = await breakingProxy(listener.address.port, requestBytes, choose);
  /** Submits as a satellite does that flushes its spool: until somebody has the message. */
  async function submit(sent: Sent): Promise<void> {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const hubs = [{ host: '127.0.0.1', port: proxy.port }];
      const { outcome } = await submitPackage(world, hubs, packageOf(sent), limits);
      if (outcome?.kind !== 'answered') continue;
      assert.equal(outcome.answer.verdict, 'K', outcome.answer.text);
      return;
    }
    assert.fail(`no answer after ${triesMax} tries`);
  }
  async function close(): Promise<void> {
    open.delete(close);
    proxy.close();
    await listener.close(0);
    await opened.store.close();
  }
  open.add(close);
  return { ...opened, proxy, submit, close };
}

/** The Message-IDs of what was accepted, each with how often. */
function times(accepted: Awaited<ReturnType<typeof openHub>>['accepted']): ReadonlyMap<ByteString, number> {
  const result = new Map<ByteString, number>();
  for (const { message } of accepted) {
    result.set(message.headerMessageId, (result.get(message.headerMessageId) ?? 0) + 1);
  }
  return result;
}

test('a thousand broken connections after the last byte, and every message is in the queue once', async () => {
  const messages = 750;
  let connections = 0;
  // Of four connections three break, so that most messages are brought more than twice.
  const breaks: readonly Break[] = ['answered', 'asked', 'whole', 'asked'];
  const choose = () => {
    connections += 1;
    return breaks[connections % breaks.length] ?? 'whole';
  };
  const { accepted, repeated, proxy, store, submit, close } = await openHub({ choose });
  let next = 0;
  const client = async () => {
    while (next < messages || proxy.broken < 1000) {
      next += 1;
      await submit({ text: messageText(String(next)) });
    }
  };
  await Promise.all(Array.from({ length: 50 }, client));
  assert.ok(proxy.broken >= 1000);
  assert.ok(repeated.length >= 500, `${repeated.length} came again`);
  const counted = times(accepted);
  assert.equal(counted.size, next);
  assert.ok([...counted.values()].every((count) => count === 1));
  assert.deepEqual(countsOf(store), only({ messages: next, fresh: next }));
  await close();
});

test('what was not meant as the same becomes another message, and so does all when the memory is off', async () => {
  const once: Sent = { text: messageText('1') };
  const nobody = { text: 'Subject: none here\n\nbody\n' };
  const different = [
    once,
    { text: messageText('2') },
    { ...once, recipients: ['q@y'] },
    { ...once, sender: '' },
  ];
  const remembering = await openHub();
  for (const sent of [...different, nobody, ...different, nobody]) await remembering.submit(sent);
  assert.equal(remembering.accepted.length, different.length + 2);
  await remembering.close();
  const forgetting = await openHub({ memory: 0 });
  for (const sent of [once, once, once]) await forgetting.submit(sent);
  assert.equal(forgetting.accepted.length, 3);
  await forgetting.close();
});

test('a submission is forgotten when its time is over', async () => {
  let nowMs = 1_000_000;
  const { accepted, submit, store, close } = await openHub({ now: () => nowMs });
  const sent: Sent = { text: messageText('1') };
  await submit(sent);
  nowMs += memoryMs - 1;
  await submit(sent);
  assert.equal(accepted.length, 1);
  nowMs += 1;
  await submit(sent);
  assert.equal(accepted.length, 2);
  assert.equal(await store.forgetSubmissions(nowMs + memoryMs, 10), 1);
  await close();
});

test('a restart of the hub between the two submissions changes nothing', async () => {
  let how: Break = 'answered';
  const first = await openHub({ choose: () => how });
  const texts = Array.from({ length: 20 }, (_, index) => messageText(String(index)));
  const hub = [{ host: '127.0.0.1', port: first.proxy.port }];
  for (const text of texts) {
    const { outcome } = await submitPackage(world, hub, packageOf({ text }), limits);
    assert.equal(outcome?.kind, 'broken');
  }
  assert.equal(first.accepted.length, texts.length);
  await first.close();
  how = 'whole';
  const second = await openHub({ directory: first.directory });
  for (const text of texts) await second.submit({ text });
  assert.equal(second.accepted.length, 0);
  assert.equal(second.repeated.length, texts.length);
  assert.deepEqual(countsOf(second.store), only({ messages: texts.length, fresh: texts.length }));
  await second.close();
});

test('a hub that is killed before it answers, and started again, delivers each message once', async () => {
  const first = await startHub({ home: hubHome({ ...hubControls, submissionmemory: '3600\n' }) });
  const portOf = (address = '') => Number(address.slice(address.lastIndexOf(':') + 1));
  let how: Break = 'answered';
  const proxy = await breakingProxy(portOf(first.addresses[0]), requestBytes, () => how);
  const hub = [{ host: '127.0.0.1', port: proxy.port }];
  const submit = (text: ByteString) =>
    submitPackage(world, hub, packageOf({ text, recipients: ['joe@hub.test'] }), limits);
  const texts = Array.from({ length: 20 }, (_, index) => messageText(String(index)));
  await Promise.all(texts.slice(0, 10).map(submit));
  how = 'asked';
  const asked = texts.slice(10).map(submit);
  await Promise.all(asked);
  first.signal('SIGKILL');
  await first.ended;
  const second = await startHub({ home: first.home });
  proxy.upstreamPort = portOf(second.addresses[0]);
  how = 'whole';
  for (const text of texts) {
    const { outcome } = await submit(text);
    assert.ok(outcome?.kind === 'answered' && outcome.answer.verdict === 'K');
  }
  // A delivery that was done and not recorded when the hub was killed is done again; no message came in twice.
  const ids = () => second.messages().map((text) => /^Message-ID: <(\d+)@/m.exec(text)?.[1]);
  await until('all of them', () => (new Set(ids()).size === texts.length ? true : undefined));
  const numbers = second.messages().map((text) => /\(qmail (\d+) invoked from network\)/.exec(text)?.[1]);
  assert.equal(new Set(numbers).size, texts.length);
  proxy.close();
  await second.stop();
});
