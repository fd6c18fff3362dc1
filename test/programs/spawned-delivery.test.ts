/** Deliveries of src/programs/spawned-delivery.ts: qmail-send --spawn, with a test at the other ends of its channels. */
import { deepStrictEqual, match, rejects, strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { createBodyFetcher, parseSpawnJob, type SpawnJob, serveJobs } from '../../src/spawn/index.ts';
import { type Answer, textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { queueAt } from '../support/hub-clients.ts';
import { asUserEntry, hubHome, hubUser, isRoot } from '../support/hub-home.ts';
import { rawFrame } from '../support/socket-pair.ts';
import { until } from '../support/until.ts';

type Deliver = (job: SpawnJob, fetch: () => Promise<string>) => Answer | Promise<Answer>;

interface Sending {
  readonly home: string;
  readonly channels: { readonly local: Socket; readonly remote: Socket };
  readonly jobs: { readonly kind: string; readonly job: SpawnJob }[];
  line(pattern: RegExp): Promise<string>;
  /** Ends its input, as when qmail-start is gone. */
  leave(): void;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<number | null>;
}

const done: Answer = { verdict: 'K', text: 'did 1+0+0\n' };

/** The ends of descriptors 3 and 4 are served by the test, unless `bare` leaves them alone. */
function start(context: TestContext, deliver: Deliver = () => done, bare = false): Sending {
  const home = hubHome();
  const user = hubUser();
  const entry = isRoot
    ? [asUserEntry(user), user.name, 'qmail-send']
    : [new URL('../../src/main.ts', import.meta.url).pathname, 'qmail-send'];
  const child = spawn(process.execPath, [...entry, '--spawn'], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', QMAILHOME: home },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  context.after(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (text) => lines.push(text));
  }
  const jobs: Sending['jobs'] = [];
  const serve = (kind: string, descriptor: 3 | 4) => {
    const channel = child.stdio[descriptor] as Socket;
    channel.on('error', () => undefined);
    if (bare) return channel;
    const bodies = createBodyFetcher(nodeSystem([]), `${home}/queue`);
    serveJobs(channel, async (fields) => {
      const job = parseSpawnJob(fields);
      if (job === undefined) throw new Error('no job');
      jobs.push({ kind, job });
      return await deliver(job, async () => {
        const body = await bodies.fetch(job.token, job.sizeBytes);
        let text = '';
        for (const chunk of body.chunks()) text += textOf(chunk);
        body.release();
        return text;
      });
    }).then(() => {
      bodies.close();
      channel.destroy();
    });
    return channel;
  };
  return {
    home,
    channels: { local: serve('local', 3), remote: serve('remote', 4) },
    jobs,
    line: (pattern) =>
      until(`${pattern} in:\n${lines.join('\n')}`, () => lines.find((text) => pattern.test(text)), 15_000),
    leave: () => child.stdin.end(),
    signal: (name) => child.kill(name),
    ended: new Promise((resolve) => {
      child.once('close', (code) => resolve(code));
    }),
  };
}

async function queued(sending: Sending, recipient: string): Promise<void> {
  await until('the intake', () => (existsSync(`${sending.home}/queue/intake`) ? true : undefined));
  await queueAt(sending.home, recipient);
}

test('jobs go to the one who delivers here or the one who sends on, with a token for the message', async (context) => {
  const texts: string[] = [];
  const sending = start(context, async (_job, fetch) => {
    texts.push(await fetch());
    return done;
  });
  await queued(sending, 'you@hub.test');
  await queued(sending, 'you@far.example');
  await sending.line(/^end msg 2$/);
  deepStrictEqual(
    sending.jobs.map(({ kind, job: { sender, recipient } }) => [kind, sender, recipient]),
    [
      ['local', 's@x', 'you@hub.test'],
      ['remote', 's@x', 'you@far.example'],
    ],
  );
  for (const [index, text] of texts.entries()) {
    match(text, /^Received: \(qmail \d+ invoked by uid \d+\); .*\nSubject: q\n\nbody\n$/);
    strictEqual(sending.jobs[index]?.job.sizeBytes, text.length);
  }
  sending.leave();
  strictEqual(await sending.ended, 0);
});

test('a token is worth nothing when its delivery is over, and of any other use', async (context) => {
  const sending = start(context);
  await queued(sending, 'you@hub.test');
  await sending.line(/^end msg 1$/);
  const { token, sizeBytes } = sending.jobs[0]?.job ?? { token: '', sizeBytes: 0 };
  const bodies = createBodyFetcher(nodeSystem([]), `${sending.home}/queue`);
  await rejects(bodies.fetch(token, sizeBytes), /unable to fetch/);
  bodies.close();
});

test('a refusal is a bounce, a deferral waits', async (context) => {
  const sending = start(context, ({ recipient }) => {
    if (recipient.startsWith('no@')) return { verdict: 'D', text: 'no such user (#5.1.1)\n' };
    return recipient.startsWith('later@') ? { verdict: 'Z', text: 'full (#4.2.2)\n' } : done;
  });
  await queued(sending, 'later@hub.test');
  match(await sending.line(/deferral/), /full_\(#4\.2\.2\)\//);
  await queued(sending, 'no@far.example');
  match(await sending.line(/failure/), /no_such_user_\(#5\.1\.1\)\//);
  await sending.line(/^bounce msg 2 /);
  await until('the bounce', () =>
    sending.jobs.find(({ job }) => job.recipient === 's@x' && job.sender === ''),
  );
  sending.signal('SIGTERM');
  strictEqual(await sending.ended, 0);
});

test('when it ends it finishes what runs', async (context) => {
  const finish = Promise.withResolvers<Answer>();
  const sending = start(context, () => finish.promise);
  await queued(sending, 'you@hub.test');
  await until('the job', () => (sending.jobs.length > 0 ? true : undefined));
  sending.leave();
  finish.resolve(done);
  strictEqual(await sending.ended, 0);
  await sending.line(/^end msg 1$/);
});

for (const which of ['local', 'remote'] as const) {
  const name = which === 'local' ? 'qmail-lspawn' : 'qmail-rspawn';

  test(`without ${name} it cannot go on: 111, and the log says so`, async (context) => {
    const sending = start(context);
    await queued(sending, 'you@hub.test');
    await sending.line(/^end msg 1$/);
    sending.channels[which].destroy();
    match(await sending.line(/^alert: cannot go on: /), new RegExp(`${name} is gone`));
    strictEqual(await sending.ended, 111);
  });

  test(`a ${name} that says what it was not asked is not listened to any more: 111`, async (context) => {
    const sending = start(context, () => done, true);
    await sending.line(/^status: local/);
    sending.channels[which].write(rawFrame(2, 77, 'Kdone'));
    match(await sending.line(/^alert: /), new RegExp(`${name} is gone: it answered what it was not asked`));
    strictEqual(await sending.ended, 111);
  });
}

test('a stranger at the socket of messages gets nothing', async (context) => {
  const finish = Promise.withResolvers<Answer>();
  const sending = start(context, () => finish.promise);
  await queued(sending, 'you@hub.test');
  await until('the job', () => (sending.jobs.length > 0 ? true : undefined));
  const stranger = connect(`${sending.home}/queue/body`);
  let heard = 0;
  stranger.on('data', (chunk: Buffer) => {
    heard += chunk.length;
  });
  stranger.on('error', () => undefined);
  stranger.write(rawFrame(1, 1, '0'.repeat(32)));
  await new Promise<void>((resolve) => {
    stranger.once('close', () => resolve());
  });
  strictEqual(heard, 0);
  finish.resolve(done);
  await sending.line(/^end msg 1$/);
});
