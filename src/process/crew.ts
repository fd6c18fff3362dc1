/**
 * Processes that belong together: they are started as one, and when one of them ends that should not, the others are
 * ended in order and all are started again. They share pipes, so that none could go on without the rest.
 */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { errorText } from '../system/index.ts';

export interface Member {
  readonly name: string;
  readonly child: ChildProcess;
}

/** Members that are ended together. */
export interface Stage {
  readonly members: readonly Member[];
  /** What tells them to end; without it they do when those of the stage before are gone ... */
  readonly signal?: NodeJS.Signals;
  /** ... and when what this gives away is, which is called when it is their turn. */
  readonly release?: () => void;
  /** How long they may take when all are wanted to end; without it as long as they like. */
  readonly graceMs?: number;
}

/** Processes that run, in the order in which they are to end. */
export type Crew = readonly Stage[];

export interface SuperviseOptions {
  /** Starts all processes. Rejects when it cannot. */
  readonly start: () => Promise<Crew>;
  /** Takes what somebody should look at: a text of one line. */
  readonly alert: (text: string) => void;
  /** Resolves when all are to end for good. */
  readonly until: Promise<void>;
  /** How long to wait before a crew that has failed is started again, and at most, as it fails again and again. */
  readonly pauseMs?: number;
  readonly pauseMsMax?: number;
}

const pauseMsDefault = 1_000;
const pauseMsMaxDefault = 60_000;

/** How long members may take to end when one of them has failed. */
const failedGraceMs = 30_000;

/** How long a crew must have run before its next failure counts as the first. */
const steadyMs = 60_000;

function hasEnded({ exitCode, signalCode, pid }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null || pid === undefined;
}

function ending({ child }: Member): Promise<void> {
  if (hasEnded(child)) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
  });
}

function howItEnded({ name, child }: Member): string {
  const { exitCode, signalCode } = child;
  return `${name} has ended ${signalCode === null ? `with exit code ${exitCode}` : `by ${signalCode}`}`;
}

async function endStage({ members, signal, release }: Stage, mostMs: number | undefined): Promise<void> {
  const running = members.filter(({ child }) => !hasEnded(child));
  release?.();
  if (signal !== undefined) for (const { child } of running) child.kill(signal);
  const all = Promise.all(running.map(ending));
  if (mostMs === undefined) {
    await all;
    return;
  }
  const cut = new AbortController();
  const tooLate = delay(mostMs, 'late', { signal: cut.signal }).catch(() => undefined);
  if ((await Promise.race([all, tooLate])) === 'late') {
    for (const { child } of running) child.kill('SIGKILL');
    await all;
  }
  cut.abort();
}

/** The first member that ends. */
function firstToEnd(crew: Crew): Promise<Member> {
  const members = crew.flatMap(({ members }) => members);
  return Promise.race(members.map((member) => ending(member).then(() => member)));
}

/** Ends all members, stage by stage; those that take too long are killed. */
export async function endCrew(crew: Crew, graceMs = failedGraceMs): Promise<void> {
  for (const stage of crew) await endStage(stage, graceMs);
}

/** Runs crews until it is told to end and the last one has ended. */
export async function supervise(options: SuperviseOptions): Promise<void> {
  const { start, alert, pauseMs = pauseMsDefault, pauseMsMax = pauseMsMaxDefault } = options;
  const over = new AbortController();
  const until = options.until.then(() => over.abort());
  let pause = pauseMs;
  while (!over.signal.aborted) {
    const startedMs = performance.now();
    try {
      const crew = await start();
      const failed = await Promise.race([firstToEnd(crew), until]);
      if (failed) alert(`${howItEnded(failed)}; everything is started again`);
      if (failed) await endCrew(crew);
      else for (const stage of crew) await endStage(stage, stage.graceMs);
      if (!failed) return;
    } catch (error) {
      alert(`unable to start: ${errorText(error)}; will try again`);
    }
    if (performance.now() - startedMs > steadyMs) pause = pauseMs;
    await delay(pause, undefined, { signal: over.signal }).catch(() => undefined);
    pause = Math.min(pause * 2, pauseMsMax);
  }
}
