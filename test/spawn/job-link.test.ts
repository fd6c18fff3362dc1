import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import {
  type CarryOut,
  type JobLink,
  openJobLink,
  reportBytesMax,
  serveJobs,
} from '../../src/spawn/index.ts';
import type { Answer } from '../../src/system/index.ts';
import { rawFrame, socketPair } from '../support/socket-pair.ts';
import { until } from '../support/until.ts';

const [job, report, ping, pong] = [1, 2, 3, 4];

const done: Answer = { verdict: 'K', text: 'done\n' };
const gone: Answer = { verdict: 'Z', text: 'the worker went away before it was done. (#4.3.0)\n' };

interface Asking {
  readonly link: JobLink;
  /** The other end, bare. */
  readonly peer: Socket;
  readonly lost: (string | undefined)[];
}

async function ask(context: TestContext, silenceMs?: number): Promise<Asking> {
  const [socket, peer] = await socketPair();
  const lost: (string | undefined)[] = [];
  const link = openJobLink({
    socket,
    peer: 'the worker',
    onLost: (reason) => lost.push(reason),
    ...(silenceMs === undefined ? {} : { silenceMs }),
  });
  peer.on('error', () => undefined);
  context.after(() => {
    link.destroy();
    peer.destroy();
  });
  return { link, peer, lost };
}

interface Both extends Omit<Asking, 'peer'> {
  /** Resolves when the side that carries out has ended. */
  readonly served: Promise<void>;
  readonly socket: Socket;
}

/** Both sides, as they are in two processes. */
async function both(context: TestContext, carryOut: CarryOut, silenceMs?: number): Promise<Both> {
  const [near, far] = await socketPair({ allowHalfOpen: true });
  const lost: (string | undefined)[] = [];
  const link = openJobLink({
    socket: near,
    peer: 'the worker',
    onLost: (reason) => lost.push(reason),
    ...(silenceMs === undefined ? {} : { silenceMs }),
  });
  context.after(() => {
    link.destroy();
    far.destroy();
  });
  return { link, lost, served: serveJobs(far, carryOut), socket: far };
}

test('a job is carried out and answered; fields and texts are any bytes', async (context) => {
  const { link } = await both(context, async (fields) => ({ verdict: 'D', text: fields.join('|') }));
  const bytes = fc.uint8Array({ maxLength: 100 }).map((list) => Buffer.from(list).toString('latin1'));
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { maxLength: 9 }), async (fields) => {
      deepStrictEqual(await link.ask(fields), { verdict: 'D', text: fields.join('|') });
    }),
  );
  strictEqual(link.running, 0);
});

test('a thousand jobs run at once, and each gets its own answer in any order', async (context) => {
  const waiting: (() => void)[] = [];
  const { link } = await both(context, async ([name = '']) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return { verdict: 'K', text: name };
  });
  const answers = Array.from({ length: 1000 }, (_, index) => link.ask([`job ${index}`]));
  await until('all jobs', () => (waiting.length === 1000 ? true : undefined));
  strictEqual(link.running, 1000);
  for (const finish of waiting.reverse()) finish();
  deepStrictEqual(
    (await Promise.all(answers)).map(({ text }) => text),
    Array.from({ length: 1000 }, (_, index) => `job ${index}`),
  );
});

test('what is thrown is a temporary failure, and the others go on', async (context) => {
  const { link } = await both(context, async ([what]) => {
    if (what === 'throw') throw new Error('no such thing');
    return done;
  });
  deepStrictEqual(await link.ask(['throw']), { verdict: 'Z', text: 'no such thing (#4.3.0)\n' });
  deepStrictEqual(await link.ask(['work']), done);
});

test('a report of the longest text arrives whole; a longer one is cut, and says so', async (context) => {
  const { link } = await both(context, async ([length]) => ({
    verdict: 'K',
    text: 'x'.repeat(Number(length)),
  }));
  strictEqual((await link.ask([String(reportBytesMax)])).text, 'x'.repeat(reportBytesMax));
  const { verdict, text } = await link.ask(['1000000']);
  strictEqual(verdict, 'K');
  match(text, /^x{3000}\nError report too long, sorry\.\n$/);
});

test('closing lets what runs be answered, however long it takes, and takes nothing more', async (context) => {
  const running = Promise.withResolvers<void>();
  let pings = 0;
  const { link, lost, served, socket } = await both(
    context,
    async () => {
      await running.promise;
      return done;
    },
    20,
  );
  socket.on('data', (chunk: Buffer) => {
    if (chunk.readUInt8(4) === ping) pings += 1;
  });
  const answer = link.ask(['long']);
  await turn();
  link.close();
  deepStrictEqual(await link.ask(['too late']), gone);
  // It is still asked for signs of life, and is not given up.
  await until('signs of life', () => (pings > 3 ? true : undefined));
  running.resolve();
  deepStrictEqual(await answer, done);
  await served;
  await until('the end', () => (lost.length > 0 ? true : undefined));
  deepStrictEqual(lost, [undefined]);
});

test('a side that asks and is gone is served to the end of what runs', async (context) => {
  const finish: (() => void)[] = [];
  let finished = 0;
  const { link, served } = await both(context, async () => {
    await new Promise<void>((resolve) => finish.push(resolve));
    finished += 1;
    return done;
  });
  const answers = [link.ask(['1']), link.ask(['2'])];
  await until('both', () => (finish.length === 2 ? true : undefined));
  link.destroy();
  deepStrictEqual(await Promise.all(answers), [gone, gone]);
  for (const one of finish) one();
  await served;
  strictEqual(finished, 2);
});

test('a side that carries out and is gone: Z for what ran and for what is asked later', async (context) => {
  const { link, peer, lost } = await ask(context);
  const answers = [link.ask(['1']), link.ask(['2'])];
  await once(peer, 'data');
  peer.destroy();
  deepStrictEqual(await Promise.all(answers), [gone, gone]);
  deepStrictEqual(await link.ask(['3']), gone);
  strictEqual(lost.length, 1);
  strictEqual(link.running, 0);
});

test('answers that came before the end count', async (context) => {
  const { link, peer } = await ask(context);
  const answers = [link.ask(['1']), link.ask(['2'])];
  await once(peer, 'data');
  peer.end(Buffer.concat([rawFrame(report, 1, 'Kdone\n'), rawFrame(report, 2, 'Kdone\n').subarray(0, 12)]));
  deepStrictEqual(await Promise.all(answers), [done, gone]);
});

const offences: Readonly<Record<string, readonly [bytes: Uint8Array, reason: RegExp]>> = {
  'an answer to what was not asked': [rawFrame(report, 99, 'Kdone'), /not asked/],
  'a second answer': [
    Buffer.concat([rawFrame(report, 1, 'Kdone\n'), rawFrame(report, 1, 'Dno\n')]),
    /not asked/,
  ],
  'an answer without a verdict': [rawFrame(report, 1, 'Xdone'), /answer is none/],
  'an empty answer': [rawFrame(report, 1), /answer is none/],
  'an answer that is too long': [rawFrame(report, 1, `K${'x'.repeat(5000)}`), /over the limit/],
  'a sign of life that nobody wanted': [rawFrame(pong, 0), /not asked/],
  'a job': [rawFrame(job, 1, 'x'), /not asked/],
  'a frame that does not exist': [rawFrame(77, 1), /not asked/],
  garbage: [Buffer.from('HTTP/1.1 200 OK\r\nServer: garbage\r\n\r\n'), /over the limit/],
  zeros: [Buffer.alloc(10_000), /not asked/],
};

for (const [what, [bytes, reason]] of Object.entries(offences)) {
  test(`${what} breaks the link, and what ran is deferred`, async (context) => {
    const { link, peer, lost } = await ask(context);
    const answers = [link.ask(['1']), link.ask(['2'])];
    await once(peer, 'data');
    peer.write(bytes);
    const [first, second] = await Promise.all(answers);
    deepStrictEqual(second, gone);
    if (what !== 'a second answer') deepStrictEqual(first, gone);
    strictEqual(lost.length, 1);
    match(lost[0] ?? '', reason);
  });
}

test('any garbage leaves a verdict for every job', async (context) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1 })), async (chunks) => {
      const { link, peer } = await ask(context);
      const answers = Promise.all([link.ask(['1']), link.ask(['2'])]);
      for (const chunk of chunks) peer.write(chunk);
      peer.end();
      for (const { verdict } of await answers) ok(['K', 'Z', 'D'].includes(verdict));
    }),
    { numRuns: 30 },
  );
});

test('a side that is silent while it has jobs is given up', async (context) => {
  const { link, lost } = await ask(context, 20);
  deepStrictEqual(await link.ask(['1']), gone);
  deepStrictEqual(lost, ['it gave no sign of life']);
});

test('a side that is busy and says so is not, and neither is one without jobs', async (context) => {
  const finish = Promise.withResolvers<Answer>();
  const { link, lost, socket } = await both(context, () => finish.promise, 20);
  let pings = 0;
  socket.on('data', (chunk: Buffer) => {
    for (let offset = 0; offset < chunk.length; offset += 9 + chunk.readUInt32BE(offset)) {
      if (chunk.readUInt8(offset + 4) === ping) pings += 1;
    }
  });
  const answer = link.ask(['long']);
  await until('signs of life', () => (pings > 4 ? true : undefined));
  finish.resolve(done);
  deepStrictEqual(await answer, done);
  deepStrictEqual(await link.ask(['again']), done);
  deepStrictEqual(lost, []);
});

test('a side that asks, and was stopped for a while itself, blames nobody', async (context) => {
  const finish = Promise.withResolvers<Answer>();
  const { link, lost } = await both(context, () => finish.promise, 60);
  const answer = link.ask(['long']);
  await turn();
  // Nothing is read for longer than the other side may be silent.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
  await turn();
  await turn();
  finish.resolve(done);
  deepStrictEqual(await answer, done);
  deepStrictEqual(lost, []);
});

test('what is no job breaks the link of the side that carries out, and it ends', async () => {
  const frames = [
    rawFrame(job, 1, '\0\0\0\xff'),
    rawFrame(report, 1, 'K'),
    rawFrame(9, 0),
    Buffer.alloc(99, 255),
  ];
  for (const bytes of frames) {
    const [near, far] = await socketPair({ allowHalfOpen: true });
    const closed = once(near, 'close');
    near.on('error', () => undefined).resume();
    const served = serveJobs(far, async () => done);
    near.write(bytes);
    await served;
    near.end();
    await closed;
  }
});

test('the side that carries out answers what was asked before the other ended its side', async () => {
  const [near, far] = await socketPair({ allowHalfOpen: true });
  const finish = Promise.withResolvers<void>();
  const served = serveJobs(far, async ([name = '']) => {
    await finish.promise;
    return { verdict: 'K', text: name };
  });
  const chunks: Buffer[] = [];
  near.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = once(near, 'end');
  near.end(rawFrame(job, 5, '\0\0\0\x01x'));
  await turn();
  finish.resolve();
  await Promise.all([served, ended]);
  deepStrictEqual(Buffer.concat(chunks), rawFrame(report, 5, 'Kx'));
});
