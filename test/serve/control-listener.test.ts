import { deepStrictEqual, match, rejects, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { test } from 'node:test';
import { controlPath, listenControl } from '../../src/serve/index.ts';
import { asciiJson } from '../../src/system/index.ts';
import { controlRequest, openControlled } from '../support/controlled.ts';
import { temporaryDirectory } from '../support/home.ts';
import { openQuietStore, statesIn } from '../support/steered-queue.ts';

test('its owner alone may connect, whatever the umask', async () => {
  const directory = temporaryDirectory();
  const store = await openQuietStore(directory);
  // What a dead process has left behind is in nobody's way.
  writeFileSync(controlPath(directory), '');
  chmodSync(controlPath(directory), 0o666);
  const before = process.umask(0);
  const listener = await listenControl({
    directory,
    store,
    steer: async () => true,
    retryNow: async () => 0,
    now: Date.now,
    log: () => undefined,
  });
  strictEqual(process.umask(before), 0);
  const status = statSync(controlPath(directory));
  strictEqual(status.isSocket(), true);
  strictEqual(status.mode & 0o777, 0o600);
  await listener.close();
  strictEqual(existsSync(controlPath(directory)), false);
  await store.close();
});

test('a directory that does not take the socket is named', async () => {
  const directory = `${temporaryDirectory()}/${'x'.repeat(120)}`;
  const store = await openQuietStore(directory);
  const options = {
    directory,
    store,
    steer: async () => true,
    retryNow: async () => 0,
    now: Date.now,
    log: () => undefined,
  };
  await rejects(listenControl(options), (error: Error) => error.message.includes(controlPath(directory)));
  await store.close();
});

test('an order: first the count, then what was done; the log tells of it', async () => {
  const hub = await openControlled();
  deepStrictEqual(await hub.ask(controlRequest('hold', { domains: ['.two.example'] })), [
    { answer: 'count', recipients: 5, messages: 1 },
    { answer: 'done', recipients: 5, messages: 1 },
  ]);
  deepStrictEqual(
    hub.calls,
    [0, 1, 2, 3, 4].map((number) => `hold x${number}`),
  );
  strictEqual(hub.store.counts().held, 6);
  strictEqual(hub.log.length, 1);
  match(
    hub.log[0] ?? '',
    /^control: order=hold recipients=5 messages=1 filter=\{.*"domains":\["\.two\.example"\]/,
  );
  await hub.close();
});

test('a dry run changes nothing and is not logged', async () => {
  const hub = await openControlled();
  const before = statesIn(hub.directory);
  for (const order of ['retry', 'hold', 'release', 'fail', 'delete'] as const) {
    const [count, ...more] = await hub.ask(controlRequest(order, {}, true));
    strictEqual(count?.answer, 'count');
    deepStrictEqual(more, []);
  }
  deepStrictEqual(statesIn(hub.directory), before);
  deepStrictEqual([hub.calls, hub.log], [[], []]);
  await hub.close();
});

test('everything is retried by the sender itself, once', async () => {
  const hub = await openControlled();
  deepStrictEqual(await hub.ask(controlRequest('retry')), [
    { answer: 'count', recipients: 1, messages: 1 },
    { answer: 'done', recipients: 1, messages: 1 },
  ]);
  deepStrictEqual(hub.calls, ['retry all']);
  match(hub.log[0] ?? '', /filter=all$/);
  await hub.ask(controlRequest('retry', { states: ['waiting'] }));
  deepStrictEqual(hub.calls, ['retry all', 'retry far']);
  await hub.close();
});

test('an order to retry everything counts those that were due before, and tells when it did not come to its end', async () => {
  let isStopping = false;
  const hub = await openControlled({
    retryNow() {
      if (isStopping) throw new Error('the hub is stopping');
      return 0;
    },
  });
  const count = { answer: 'count', recipients: 1, messages: 1 };
  deepStrictEqual(await hub.ask(controlRequest('retry')), [
    count,
    { answer: 'done', recipients: 1, messages: 1 },
  ]);
  isStopping = true;
  deepStrictEqual(await hub.ask(controlRequest('retry')), [
    count,
    { answer: 'failed', text: 'the hub is stopping' },
  ]);
  match(hub.log[1] ?? '', /^control: order=retry was not carried out to its end: the hub is stopping$/);
  await hub.close();
});

test('what is no order is refused', async () => {
  const hub = await openControlled();
  const refusal = await new Promise<string>((resolve) => {
    let text = '';
    const socket = connect(controlPath(hub.directory));
    socket.setEncoding('latin1');
    socket.on('data', (bytes: string) => {
      text += bytes;
    });
    socket.on('close', () => resolve(text));
    socket.write(`${asciiJson({ ...controlRequest('hold'), order: 'h\xe4ngen' })}\n`);
  });
  match(refusal, /^\{"answer":"refused","text":"order is none of [^\n]*\n$/);
  deepStrictEqual(hub.log, []);
  await hub.close();
});

/** All that the hub says to these bytes. */
async function say(directory: string, bytes: string): Promise<string> {
  const socket = connect(controlPath(directory));
  socket.setEncoding('latin1');
  let text = '';
  socket.on('data', (piece: string) => {
    text += piece;
  });
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}

test('a request has a size, and a time in which it must arrive', async () => {
  const hub = await openControlled({ times: { requestMs: 50, workingMs: 1000 } });
  match(
    await say(hub.directory, 'x'.repeat(70_000)),
    /"refused","text":"a request has no more than 65536 bytes"/,
  );
  match(await say(hub.directory, '{"order":'), /"refused","text":"no request in time"/);
  await hub.close();
});

test('a long order says that it goes on', async () => {
  const gate = Promise.withResolvers<void>();
  const hub = await openControlled({
    before: () => gate.promise,
    times: { requestMs: 10_000, workingMs: 5 },
  });
  const socket = connect(controlPath(hub.directory));
  socket.setEncoding('latin1');
  socket.write(`${asciiJson(controlRequest('hold'))}\n`);
  let text = '';
  await new Promise<void>((resolve) => {
    socket.on('data', (piece: string) => {
      text += piece;
      if (text.includes('working')) resolve();
    });
  });
  gate.resolve();
  await once(socket, 'close');
  match(text, /"count".*\n(\{"answer":"working"\}\n)+\{"answer":"done","recipients":7,"messages":2\}\n$/);
  await hub.close();
});

/** A hub whose first page of an order waits at a gate, and a client that has begun the order. */
async function halfway() {
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const hub = await openControlled({
    before() {
      reached.resolve();
      return gate.promise;
    },
  });
  const asked = hub.ask(controlRequest('hold')).catch((error: Error) => error.message);
  await reached.promise;
  return { hub, asked, open: gate.resolve };
}

test('when the hub ends, an order ends after its page, before the store is closed', async () => {
  const { hub, asked, open } = await halfway();
  const closed = hub.closeListener();
  match(String(await asked), /gone away/);
  open();
  await closed;
  // All of it was one page.
  strictEqual(hub.calls.length, 7);
  deepStrictEqual(hub.log, ['control: order=hold was not carried out to its end: the client has gone away']);
  await hub.close();
});

test('a store that fails is told of', async () => {
  const hub = await openControlled({ before: () => Promise.reject(new Error('disk full')) });
  deepStrictEqual(await hub.ask(controlRequest('delete')), [
    { answer: 'count', recipients: 9, messages: 3 },
    { answer: 'failed', text: 'disk full' },
  ]);
  deepStrictEqual(hub.log, ['control: order=delete was not carried out to its end: disk full']);
  await hub.close();
});
