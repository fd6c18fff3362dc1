import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  createWorkerPool,
  type Identity,
  startDeliveryWorker,
  type WorkerPool,
  type WorkerPoolOptions,
} from '../../src/local/index.ts';
import { findAccount } from '../../src/process/index.ts';
import { isRoot, reachable, reachableNode } from '../support/hub-home.ts';
import { until } from '../support/until.ts';

const account = isRoot
  ? findAccount('nobody')
  : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

/** Workers of one account; the pool tells them by their names. */
function user(name: string): Identity {
  return { user: name, uid: account.uid, gid: account.gid };
}

const command = {
  file: reachableNode(),
  args: [reachable('test/support/scripted-worker.ts')],
};

interface Pool {
  readonly pool: WorkerPool;
  readonly log: string[];
  /** Users whose workers were started, in order. */
  readonly started: string[];
}

function open(context: TestContext, options: Partial<WorkerPoolOptions> = {}): Pool {
  const log: string[] = [];
  const started: string[] = [];
  const kills: (() => void)[] = [];
  const pool = createWorkerPool({
    start(identity) {
      const worker = startDeliveryWorker(identity, {
        command,
        env: {},
      });
      started.push(identity.user);
      kills.push(worker.kill);
      return worker;
    },
    workersMax: 10,
    idleMs: 60_000,
    log: (line) => log.push(line),
    ...options,
  });
  context.after(() => {
    for (const kill of kills) kill();
  });
  return { pool, log, started };
}

const goneText = (name: string) => `the delivery worker of ${name} went away before it was done. (#4.3.0)\n`;

test('a user’s jobs go to one worker, which is kept', async (context) => {
  const { pool, started, log } = open(context);
  const first = await pool.deliver(user('joe'), ['pid']);
  strictEqual(first.verdict, 'K');
  const more = await Promise.all(Array.from({ length: 50 }, () => pool.deliver(user('joe'), ['pid'])));
  deepStrictEqual(new Set(more.map(({ text }) => text)), new Set([first.text]));
  deepStrictEqual([started, pool.size], [['joe'], 1]);
  await pool.close();
  strictEqual(pool.size, 0);
  deepStrictEqual(log, []);
});

test('each user has a worker of their own, and so has the same name with another uid or gid', async (context) => {
  const { pool, started } = open(context);
  const identities = [user('joe'), user('ann'), user('joe 1'), { ...user('joe'), gid: account.gid + 1 }];
  const usable = isRoot ? identities : identities.slice(0, 3);
  const pids = await Promise.all(usable.map((identity) => pool.deliver(identity, ['pid'])));
  strictEqual(new Set(pids.map(({ text }) => text)).size, usable.length);
  strictEqual(started.length, usable.length);
  await pool.close();
});

test('a worker that is idle for long enough is ended', async (context) => {
  const { pool, log, started } = open(context, { idleMs: 40 });
  await pool.deliver(user('joe'), ['pid']);
  await until('its end', () => (pool.size === 0 ? true : undefined), 5000);
  strictEqual((await pool.deliver(user('joe'), ['pid'])).verdict, 'K');
  deepStrictEqual([started.length, log], [2, []]);
  await pool.close();
});

test('a worker with a job is not idle, however long the job takes', async (context) => {
  const { pool, log } = open(context, { idleMs: 10 });
  const slow = pool.deliver(user('joe'), ['slow', '300']);
  strictEqual((await slow).text, 'slow');
  await pool.close();
  deepStrictEqual(log, []);
});

test('there are never more than so many, and the one that was used least recently makes room', async (context) => {
  const { pool, started } = open(context, { workersMax: 3 });
  for (const name of ['a', 'b', 'c']) await pool.deliver(user(name), ['pid']);
  // `a` is used again: `b` is now the one to go.
  await pool.deliver(user('a'), ['pid']);
  strictEqual((await pool.deliver(user('d'), ['pid'])).verdict, 'K');
  strictEqual(pool.size, 3);
  for (const name of ['a', 'c', 'd']) await pool.deliver(user(name), ['pid']);
  deepStrictEqual(started, ['a', 'b', 'c', 'd']);
  await pool.deliver(user('b'), ['pid']);
  deepStrictEqual(started, ['a', 'b', 'c', 'd', 'b']);
  await pool.close();
});

test('who finds no room waits for it; when many wait, all get theirs', async (context) => {
  let most = 0;
  const { pool, started } = open(context, { workersMax: 4 });
  const watch = setInterval(() => {
    most = Math.max(most, pool.size);
  }, 1);
  const names = Array.from({ length: 16 }, (_, index) => `user${index}`);
  const answers = await Promise.all(
    names.flatMap((name) => [pool.deliver(user(name), ['slow', '20']), pool.deliver(user(name), ['pid'])]),
  );
  clearInterval(watch);
  ok(answers.every(({ verdict }) => verdict === 'K'));
  ok(most <= 4, String(most));
  deepStrictEqual(new Set(started), new Set(names));
  await pool.close();
});

test('with room for one, users take turns', async (context) => {
  const { pool } = open(context, { workersMax: 1 });
  const answers = await Promise.all(['a', 'b', 'a', 'c'].map((name) => pool.deliver(user(name), ['pid'])));
  ok(answers.every(({ verdict }) => verdict === 'K'));
  strictEqual(pool.size, 1);
  await pool.close();
});

const ends: Readonly<Record<string, readonly [fields: readonly string[], log: RegExp]>> = {
  'is killed': [['die'], /has ended: signal SIGKILL$/],
  'ends by itself': [['exit', '7'], /has ended: exit code 7$/],
  'says what nobody asked': [['unasked'], /is ended: it says what it was not asked$/],
  'answers for others': [['answer', '99'], /is ended: it answered what it was not asked$/],
  'answers with no verdict': [['verdict', 'Q'], /is ended: its answer is none$/],
  'floods its channel': [['flood'], /is ended: (a frame over the limit|it says what it was not asked)$/],
  'closes its channel and stays': [['close'], /has ended: signal SIGKILL$/],
};

for (const [what, [fields, says]] of Object.entries(ends)) {
  test(`a worker that ${what}: its jobs are deferred, the next gets another, others go on`, async (context) => {
    if (what.startsWith('closes')) context.mock.timers.enable({ apis: ['setTimeout'] });
    const { pool, log, started } = open(context);
    const other = pool.deliver(user('ann'), ['slow', '150']);
    const [bad, same] = await Promise.all([
      pool.deliver(user('joe'), fields),
      pool.deliver(user('joe'), ['never']),
    ]);
    deepStrictEqual(bad, { verdict: 'Z', text: goneText('joe') });
    deepStrictEqual(same, { verdict: 'Z', text: goneText('joe') });
    strictEqual((await pool.deliver(user('joe'), ['pid'])).verdict, 'K');
    deepStrictEqual(started, ['ann', 'joe', 'joe'].sort());
    if (what.startsWith('closes')) context.mock.timers.tick(5_001);
    await until('the line', () => (log.some((line) => says.test(line)) ? true : undefined), 5000);
    match(log[0] ?? '', /^warning: the delivery worker of joe /);
    strictEqual((await other).text, 'slow');
    await until('its end', () => (pool.size === 2 ? true : undefined), 5000);
    await pool.close();
  });
}

test('a worker that hangs is ended after its time', async (context) => {
  const { pool, log } = open(context, { silenceMs: 2000 });
  const hung = pool.deliver(user('joe'), ['hang']);
  deepStrictEqual(await hung, { verdict: 'Z', text: goneText('joe') });
  match(log[0] ?? '', /is ended: it gave no sign of life$/);
  strictEqual((await pool.deliver(user('joe'), ['pid'])).verdict, 'K');
  await pool.close();
});

test('a worker that is told to end and does not is killed', async (context) => {
  const { pool } = open(context);
  strictEqual((await pool.deliver(user('joe'), ['deaf'])).verdict, 'K');
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const closed = pool.close();
  context.mock.timers.tick(5_001);
  await closed;
});

test('what a worker reported before it died counts', async (context) => {
  const { pool } = open(context, { workersMax: 1 });
  for (let time = 0; time < 8; time += 1) {
    const answers = await Promise.all([
      pool.deliver(user('joe'), ['last words']),
      pool.deliver(user('joe'), ['never']),
    ]);
    deepStrictEqual(
      answers.map(({ verdict }) => verdict),
      ['K', 'Z'],
    );
  }
  await pool.close();
});

test('a worker that cannot be started defers the job, and gets no place', async (context) => {
  let fails = true;
  const { pool: real } = open(context);
  const { pool } = open(context, {
    workersMax: 1,
    start(identity) {
      if (fails) throw new Error('no more processes');
      return startDeliveryWorker(identity, {
        command,
        env: {},
      });
    },
  });
  deepStrictEqual(await pool.deliver(user('joe'), ['pid']), {
    verdict: 'Z',
    text: 'Unable to start a delivery: no more processes. (#4.3.0)\n',
  });
  strictEqual(pool.size, 0);
  fails = false;
  strictEqual((await pool.deliver(user('joe'), ['pid'])).verdict, 'K');
  await Promise.all([pool.close(), real.close()]);
});

test('a program that does not exist defers the job, and is told', async (context) => {
  const { pool, log } = open(context, {
    start: (identity) =>
      startDeliveryWorker(identity, { command: { file: '/nonexistent/worker', args: [] }, env: {} }),
  });
  strictEqual((await pool.deliver(user('joe'), ['pid'])).verdict, 'Z');
  await until('the line', () => (log.length > 0 ? true : undefined));
  match(log.join('\n'), /ENOENT/);
  strictEqual(pool.size, 0);
});

test('names in the log are printable', async (context) => {
  const { pool, log } = open(context);
  await pool.deliver(user('a\nalert: b\x1b[2J'), ['die']);
  await until('the line', () => (log.length > 0 ? true : undefined));
  strictEqual(/[\n\x1b]/.test(log.join('')), false);
  await pool.close();
});

test('a pool without workers closes at once', async (context) => {
  await open(context).pool.close();
});
