import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { type Crew, endCrew, type Member, supervise } from '../../src/process/index.ts';
import { until } from '../support/until.ts';

/** A shell that has said that it is up. */
async function member(context: TestContext, name: string, script: string): Promise<Member> {
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  context.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return { name, child };
}

/** Runs until it gets SIGTERM. */
const patient = 'trap "exit 0" TERM; echo up; while :; do read -r line || sleep 0.01; done';

/** Cannot be asked to end. */
const stubborn = 'trap "" TERM; echo up; exec sleep 600';

/** Runs until its input ends. */
const reader = 'echo up; exec cat >/dev/null';

function hasEnded({ child }: Member): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

interface Supervised {
  readonly log: string[];
  readonly crews: Crew[];
  /** The running member of that name in the crew that was started as number `crew`. */
  child(name: string, crew?: number): ChildProcess;
  crew(count: number): Promise<Crew>;
  stop(): void;
  readonly done: Promise<void>;
}

function run(
  start: (number: number) => Promise<Crew>,
  pauses: { readonly pauseMs?: number; readonly pauseMsMax?: number } = { pauseMs: 1, pauseMsMax: 4 },
): Supervised {
  const log: string[] = [];
  const crews: Crew[] = [];
  const stopping = Promise.withResolvers<void>();
  let started = 0;
  const done = supervise({
    async start() {
      started += 1;
      const crew = await start(started);
      crews.push(crew);
      return crew;
    },
    alert: (text) => log.push(text),
    until: stopping.promise,
    ...pauses,
  });
  return {
    log,
    crews,
    child(name, crew = crews.length) {
      const members = crews[crew - 1]?.flatMap((stage) => stage.members) ?? [];
      const found = members.find((one) => one.name === name);
      if (found === undefined) throw new Error(`no ${name}`);
      return found.child;
    },
    crew: (count) => until(`crew ${count}`, () => crews[count - 1], 10_000, 2),
    stop: stopping.resolve,
    done,
  };
}

test('members end stage by stage, each when the one before is gone', async (context) => {
  const order: string[] = [];
  const watched = async (name: string, script: string) => {
    const one = await member(context, name, script);
    one.child.once('exit', () => order.push(name));
    return one;
  };
  const first = await watched('first', patient);
  const second = await watched('second', patient);
  const last = await watched('last', reader);
  await endCrew([
    { members: [first], signal: 'SIGTERM' },
    { members: [second], signal: 'SIGTERM' },
    { members: [last], release: () => last.child.stdin?.end() },
  ]);
  deepStrictEqual(order, ['first', 'second', 'last']);
  strictEqual(second.child.exitCode, 0);
});

test('a member that does not end in its time is killed, and the next stage is not kept waiting', async (context) => {
  const slow = await member(context, 'slow', stubborn);
  const quick = await member(context, 'quick', patient);
  await endCrew(
    [
      { members: [slow], signal: 'SIGTERM' },
      { members: [quick], signal: 'SIGTERM' },
    ],
    50,
  );
  strictEqual(slow.child.signalCode, 'SIGKILL');
  strictEqual(hasEnded(quick), true);
});

test('a crew of nobody, and of the dead, ends at once', async (context) => {
  const dead = await member(context, 'dead', 'echo up; exit 3');
  await until('its end', () => (hasEnded(dead) ? true : undefined));
  await endCrew([{ members: [] }, { members: [dead], signal: 'SIGTERM' }]);
});

test('it runs until it is told to end, and then ends all in order', async (context) => {
  const supervised = run(async () => [
    { members: [await member(context, 'server', patient)], signal: 'SIGTERM', graceMs: 5000 },
    { members: [await member(context, 'queue', patient)], signal: 'SIGTERM' },
  ]);
  const crew = await supervised.crew(1);
  supervised.stop();
  await supervised.done;
  deepStrictEqual(crew.flatMap(({ members }) => members).map(hasEnded), [true, true]);
  deepStrictEqual(supervised.log, []);
  strictEqual(supervised.crews.length, 1);
});

test('when one ends the others do, and all are started again; the log says which and how', async (context) => {
  const supervised = run(async () => [
    { members: [await member(context, 'server', patient)], signal: 'SIGTERM' },
    { members: [await member(context, 'queue', patient)], signal: 'SIGTERM' },
  ]);
  await supervised.crew(1);
  supervised.child('queue').kill('SIGKILL');
  await supervised.crew(2);
  strictEqual(supervised.child('server', 1).exitCode, 0);
  supervised.child('server').kill('SIGTERM');
  await supervised.crew(3);
  strictEqual(supervised.child('queue', 2).exitCode, 0);
  supervised.stop();
  await supervised.done;
  deepStrictEqual(supervised.log, [
    'queue has ended by SIGKILL; everything is started again',
    'server has ended with exit code 0; everything is started again',
  ]);
});

test('a crew that cannot be started is tried again, with longer and longer pauses', async (context) => {
  const times: number[] = [];
  const supervised = run(
    async (number) => {
      times.push(performance.now());
      if (number < 5) throw new Error(`no room ${number}`);
      return [{ members: [await member(context, 'one', patient)], signal: 'SIGTERM' }];
    },
    { pauseMs: 20, pauseMsMax: 80 },
  );
  await supervised.crew(1);
  supervised.stop();
  await supervised.done;
  deepStrictEqual(
    supervised.log,
    [1, 2, 3, 4].map((number) => `unable to start: no room ${number}; will try again`),
  );
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  for (const [index, least] of [20, 40, 80, 80].entries()) ok((gaps[index] ?? 0) > least - 2, String(gaps));
});

test('a program that does not exist is a member that has ended', async () => {
  const supervised = run(async () => {
    const child = spawn('/nonexistent/program', { stdio: 'ignore' });
    child.once('error', () => undefined);
    return [{ members: [{ name: 'nobody', child }] }];
  });
  await supervised.crew(2);
  supervised.stop();
  await supervised.done;
  match(supervised.log[0] ?? '', /^nobody has ended .*; everything is started again$/);
});

test('it ends during a pause, and while it starts', async (context) => {
  const paused = run(
    async () => {
      throw new Error('never');
    },
    { pauseMs: 600_000 },
  );
  await until('the pause', () => (paused.log.length > 0 ? true : undefined));
  paused.stop();
  await paused.done;

  const slowly = Promise.withResolvers<void>();
  const starting = run(async () => {
    await slowly.promise;
    return [{ members: [await member(context, 'late', patient)], signal: 'SIGTERM' }];
  });
  starting.stop();
  slowly.resolve();
  await starting.done;
  strictEqual(starting.child('late').exitCode, 0);
});

test('a member that hangs does not keep the end from the rest for ever', async (context) => {
  const supervised = run(async () => [
    { members: [await member(context, 'hung', stubborn)], signal: 'SIGTERM', graceMs: 30 },
    { members: [await member(context, 'queue', patient)], signal: 'SIGTERM' },
  ]);
  await supervised.crew(1);
  supervised.stop();
  await supervised.done;
  strictEqual(supervised.child('hung').signalCode, 'SIGKILL');
  strictEqual(supervised.child('queue').exitCode, 0);
});
