import { deepStrictEqual, match, rejects, strictEqual } from 'node:assert/strict';
import { lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type CollectorLimits, collectorLimits, runCollector } from '../../src/satellite/later.ts';
import { createSpill, type Queue, submitLocally } from '../../src/submit/index.ts';
import { bytesOf, textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { qmqpRequest } from '../support/qmqp-peer.ts';
import { until } from '../support/until.ts';

const system = nodeSystem([]);
const envelope = { sender: 's@x', recipients: ['r@y', 'q@z'] };
const uid = process.getuid?.() ?? 0;

interface Given {
  readonly limits?: Partial<CollectorLimits>;
  readonly queue?: Queue;
  readonly idleMs?: number;
  readonly log?: (line: string) => void;
}

/** A collector that ends with the test: nobody calls any more. */
async function start(context: TestContext, { limits = {}, queue, idleMs = 50, log: logTo }: Given = {}) {
  const directory = temporaryDirectory();
  const seen: { text: string; envelope: unknown }[] = [];
  const log: string[] = [];
  const keep: Queue = async (_system, message, given) => {
    let text = '';
    for (const bytes of message.chunks()) text += textOf(bytes);
    seen.push({ text, envelope: given });
    return { exitCode: 0, answer: { verdict: 'K', text: `ok qp ${seen.length}` } };
  };
  const ready = Promise.withResolvers<void>();
  const ended = runCollector(system, {
    directory,
    idleMs,
    queue: queue ?? keep,
    limits: { ...collectorLimits, ...limits },
    onReady: ready.resolve,
    log: logTo ?? ((line) => log.push(line)),
  });
  context.after(() => ended);
  await ready.promise;
  return { directory, seen, log, ended };
}

async function submit(directory: string, text = 'Subject: x\n\nbody\n') {
  const spill = createSpill(system);
  spill.write(bytesOf(text));
  try {
    return await submitLocally(system, directory, 'is it there?', spill, envelope);
  } finally {
    spill.close();
  }
}

/** `32:` nonce `,` */
const greetingBytes = 36;

/** A caller that says what a test wants; answers all that it hears until the end. */
async function caller(directory: string, speak: (greeting: string, send: (text: string) => void) => void) {
  const socket = connect({ path: `${directory}/intake`, allowHalfOpen: true });
  socket.setEncoding('latin1');
  socket.on('error', () => {});
  let heard = '';
  const greeted = Promise.withResolvers<void>();
  const ended = new Promise<string>((resolve) => {
    socket.on('close', () => resolve(heard));
    socket.on('end', () => {
      socket.end();
      resolve(heard);
    });
  });
  socket.on('data', (text: string) => {
    const first = heard === '';
    heard += text;
    greeted.resolve();
    // As our own client does: it has all that it needs.
    if (heard.length > greetingBytes && heard.endsWith(',')) socket.end();
    if (first) speak(text.slice(3, -1), (bytes) => socket.write(bytes, 'latin1'));
  });
  return { ended, socket, greeted: greeted.promise };
}

test('a message comes in with a field that names the caller, and leaves no proof behind', async (context) => {
  const { directory, seen, ended } = await start(context);
  deepStrictEqual(await submit(directory), { exitCode: 0, answer: { verdict: 'K', text: 'ok qp 1' } });
  const [message] = seen;
  match(
    message?.text ?? '',
    new RegExp(`^Received: \\(qmail ${process.pid} invoked by uid ${uid}\\); .*\\nSubject: x\\n\\nbody\\n$`),
  );
  deepStrictEqual(message?.envelope, envelope);
  deepStrictEqual(readdirSync(`${directory}/proof`), []);
  strictEqual(lstatSync(`${directory}/proof`).mode & 0o7777, 0o1733);
  strictEqual(lstatSync(`${directory}/intake`).mode & 0o7777, 0o666);
  await ended;
});

test('many at the same time, small and large', async (context) => {
  const { directory, seen } = await start(context);
  const texts = Array.from(
    { length: 30 },
    (_, index) => `Subject: ${index}\n\n${'x'.repeat(index * 9973)}\n`,
  );
  const outcomes = await Promise.all(texts.map((text) => submit(directory, text)));
  strictEqual(
    outcomes.every(({ exitCode }) => exitCode === 0),
    true,
  );
  const bodies = seen.map(({ text }) => text.slice(text.indexOf('\n') + 1)).sort();
  deepStrictEqual(bodies, texts.sort());
});

test('what the queue says goes to the caller, and into the log unless it is K', async (context) => {
  for (const [verdict, exitCode] of [
    ['Z', 53],
    ['D', 31],
  ] as const) {
    const queue: Queue = async () => ({ exitCode: 71, answer: { verdict, text: 'not so (#4.0.0)' } });
    const { directory, log } = await start(context, { queue });
    deepStrictEqual(await submit(directory), { exitCode, answer: { verdict, text: 'not so (#4.0.0)' } });
    deepStrictEqual(log, [`collectd: verdict=${verdict} text="not so (#4.0.0)"`]);
  }
});

test('without a proof, or with another user’s file, nothing is taken', async (context) => {
  const { directory, seen } = await start(context);
  const request = qmqpRequest('m\n', 's@x', 'r@y');
  const makers: readonly ((path: string) => void)[] = [
    () => undefined,
    (path) => writeFileSync(path, 'x', { mode: 0o400 }),
    (path) => writeFileSync(path, '', { mode: 0o444 }),
    (path) => mkdirSync(path),
  ];
  for (const make of makers) {
    const { ended } = await caller(directory, (nonce, send) => {
      make(`${directory}/proof/${nonce}`);
      send(request);
    });
    match(await ended, /^32:[0-9a-f]{32},\d+:Zunable to take the message \(#4\.3\.0\)/);
  }
  deepStrictEqual(seen, []);
});

test('a caller that is refused early hears so, though it has sent much already', async (context) => {
  const { directory, log } = await start(context, { limits: { messageBytesMax: 1000 } });
  strictEqual((await submit(directory, 'x'.repeat(3_000_000))).exitCode, 31);
  const { ended } = await caller(directory, (_nonce, send) => send('this is no package'));
  match(await ended, /:Dthis is no QMQP request/);
  strictEqual(log.length, 2);
});

test('who is silent is told so and loses its place', async (context) => {
  const { directory } = await start(context, { limits: { beginMs: 40, stepMs: 40 } });
  const silent = await caller(directory, () => undefined);
  match(await silent.ended, /,\d+:Znothing received for too long \(#4\.4\.2\),$/);
  const slow = await caller(directory, (_nonce, send) => send('100:5'));
  match(await slow.ended, /,\d+:Znothing received for too long \(#4\.4\.2\),$/);
  strictEqual((await submit(directory)).exitCode, 0);
});

test('who drips byte after byte keeps no connection longer than who is silent', async (context) => {
  const { directory } = await start(context, { limits: { beginMs: 60, lingerMs: 60 } });
  for (const [first, answer] of [
    ['this is no package', /,\d+:Dthis is no QMQP request/],
    ['0', /,\d+:(Znothing received for too long|D)/],
  ] as const) {
    const socket = connect({ path: `${directory}/intake`, allowHalfOpen: true });
    socket.setEncoding('latin1').on('error', () => {});
    let heard = '';
    socket.on('data', (text: string) => {
      heard += text;
    });
    socket.write(first);
    const drip = setInterval(() => socket.write('0'), 5);
    await new Promise<void>((resolve) => {
      socket.once('end', resolve);
      socket.once('close', () => resolve());
    });
    clearInterval(drip);
    socket.destroy();
    match(heard, answer);
  }
  // One byte, and then nothing, is no beginning either.
  const silent = await caller(directory, (_nonce, send) => send('1'));
  match(await silent.ended, /,\d+:Znothing received for too long/);
  strictEqual((await submit(directory)).exitCode, 0);
});

test('a log that cannot be written keeps no caller from its answer', async (context) => {
  const queue: Queue = async () => ({ exitCode: 71, answer: { verdict: 'Z', text: 'not now' } });
  const log = (): never => {
    throw new Error('ENOSPC: no space left on device');
  };
  const { directory } = await start(context, { queue, log });
  strictEqual((await submit(directory)).answer.text, 'not now');
  const { ended } = await caller(directory, (_nonce, send) => send('this is no package'));
  match(await ended, /:Dthis is no QMQP request/);
  strictEqual((await submit(directory)).answer.text, 'not now');
});

test('too many connections, and too many of one user, are refused for now', async (context) => {
  const release = Promise.withResolvers<void>();
  let waiting = 0;
  const queue: Queue = async () => {
    waiting += 1;
    await release.promise;
    return { exitCode: 0, answer: { verdict: 'K', text: 'ok' } };
  };
  const { directory } = await start(context, {
    queue,
    limits: { connectionsMax: 3, connectionsPerUserMax: 2 },
  });
  const first = [submit(directory), submit(directory)];
  await until('both to wait', () => (waiting === 2 ? true : undefined));
  const third = await submit(directory);
  match(third.answer.text, new RegExp(`uid ${uid} has too many connections`));
  const quiet = await caller(directory, () => undefined);
  await quiet.greeted;
  const fourth = await submit(directory);
  deepStrictEqual([fourth.exitCode, fourth.answer.verdict], [53, 'Z']);
  quiet.socket.destroy();
  release.resolve();
  deepStrictEqual(
    (await Promise.all(first)).map(({ exitCode }) => exitCode),
    [0, 0],
  );
  await until('a place to be free', async () =>
    (await submit(directory)).exitCode === 0 ? true : undefined,
  );
});

test('a request that is cut at any byte leaves nothing behind', async (context) => {
  const { directory, seen } = await start(context);
  const request = qmqpRequest('m\n', 's@x', 'r@y');
  for (let end = 0; end < request.length; end += 1) {
    const { ended, socket } = await caller(directory, (nonce, send) => {
      writeFileSync(`${directory}/proof/${nonce}`, '', { mode: 0o400 });
      send(request.slice(0, end));
      socket.end();
    });
    match(await ended, /^32:[0-9a-f]{32},$/);
  }
  deepStrictEqual(seen, []);
});

test('a directory where nothing can be made', async () => {
  await rejects(
    runCollector(system, {
      directory: `${temporaryDirectory()}/missing`,
      queue: async () => ({ exitCode: 0, answer: { verdict: 'K', text: '' } }),
      log: () => {},
    }),
    /ENOENT/,
  );
});
