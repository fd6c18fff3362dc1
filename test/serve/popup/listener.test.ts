import { match, ok, strictEqual } from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  chainOfPrograms,
  createPopupServer,
  isLoopback,
  type PopupServerOptions,
  popupLimits,
} from '../../../src/serve/index.ts';
import { connectPop3 } from '../../support/pop3-client.ts';
import { script } from '../../support/script.ts';
import { until } from '../../support/until.ts';

/** Lets joe in, who gets what he says back. */
const echo = script(
  "IFS= read -r line <&3 || :; exec 3<&-; case $line in joesecret*) ;; *) exit 1;; esac; printf '+OK hello\\r\\n'; exec cat",
);

async function start(context: TestContext, more: Partial<PopupServerOptions> = {}) {
  const lines: string[] = [];
  const server = createPopupServer({
    secureContext: () => undefined,
    isAllowed: () => true,
    plainAllowed: () => false,
    timestamp: () => '',
    limits: { ...popupLimits, failureMs: 10, connectionsMax: 4, connectionsPerPeerMax: 3, checksMax: 1 },
    openChain: chainOfPrograms([echo]),
    log: (line) => lines.push(line),
    ...more,
  });
  const { port } = await server.listen({ address: '127.0.0.1', port: 0 }, false);
  context.after(() => server.close(0));
  return { server, port, lines };
}

async function loggedIn(port: number) {
  const client = await connectPop3(port);
  await client.line();
  await client.ask('USER joe');
  return client;
}

test('logins one after the other, sessions side by side', async (context) => {
  const { port } = await start(context);
  const clients = await Promise.all([loggedIn(port), loggedIn(port), loggedIn(port)]);
  for (const client of clients) client.say('PASS secret');
  for (const client of clients) match(String(await client.line()), /^\+OK hello/);
  for (const client of clients) client.close();
});

test('who waits for a check gets it when another was refused', async (context) => {
  const { port } = await start(context);
  const clients = await Promise.all([loggedIn(port), loggedIn(port)]);
  clients[0]?.say('PASS wrong');
  clients[1]?.say('PASS secret');
  match(String(await clients[0]?.line()), /^-ERR \[AUTH\]/);
  match(String(await clients[1]?.line()), /^\+OK hello/);
  for (const client of clients) client.close();
});

test('so many connections, and so many of one client', async (context) => {
  const { port, lines } = await start(context);
  const clients = [await connectPop3(port), await connectPop3(port), await connectPop3(port)];
  for (const client of clients) strictEqual(await client.line(), '+OK ');
  const fourth = await connectPop3(port);
  match(String(await fourth.line()), /^-ERR \[SYS\/TEMP\] too many connections/);
  match(lines.join('\n'), /too many connections/);
  clients[0]?.close();
  await until('room for another', async () => {
    const next = await connectPop3(port);
    const greeting = await next.line();
    next.close();
    return greeting === '+OK ' || undefined;
  });
  for (const client of clients) client.close();
});

test('who may not connect, and who does so too often, is told', async (context) => {
  let isAllowed = false;
  const { port, lines } = await start(context, {
    isAllowed: () => isAllowed,
    limits: { ...popupLimits, connectionsPerMinuteMax: 2 },
  });
  const greeting = async () => {
    const client = await connectPop3(port);
    const line = await client.line();
    client.close();
    return line;
  };
  strictEqual(await greeting(), '-ERR [SYS/TEMP] your address may not connect here');
  isAllowed = true;
  strictEqual(await greeting(), '+OK ');
  const more = [await greeting(), await greeting(), await greeting()];
  // The minute may have changed in between.
  ok(more.includes('-ERR [SYS/TEMP] too many connections from your address in a minute'));
  match(lines[0] ?? '', /^pop3: peer=127\.0\.0\.1 your address may not connect here$/);
});

test('it closes when the sessions have ended, or the grace is over', async (context) => {
  const { server, port } = await start(context);
  const client = await loggedIn(port);
  await client.ask('PASS secret');
  let closed = false;
  const closing = server.close(60_000).then(() => {
    closed = true;
  });
  await new Promise(setImmediate);
  ok(!closed);
  client.close();
  await closing;
  const other = await start(context);
  const stubborn = await loggedIn(other.port);
  await other.server.close(10);
  strictEqual(await stubborn.line(), undefined);
});

test('the loopback', () => {
  for (const ip of ['127.0.0.1', '127.9.9.9', '::1']) ok(isLoopback(ip));
  for (const ip of ['128.0.0.1', '12.7.0.1', '::2', '2001:db8::1', '']) ok(!isLoopback(ip));
});
