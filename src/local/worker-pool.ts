/**
 * Delivery workers: a process for each user to whom mail comes, kept for the next job and ended when it has been idle.
 * There are never more than so many; the one that was idle longest makes room. A worker belongs to its user and is not
 * trusted: one that dies, hangs or says what it was not asked is ended, and its jobs are deferred.
 */
import type { Socket } from 'node:net';
import { openJobLink } from '../spawn/index.ts';
import { type Answer, type ByteString, errorText, printable } from '../system/index.ts';

/** As whom a worker runs. */
export interface Identity {
  readonly user: ByteString;
  readonly uid: number;
  readonly gid: number;
}

/** A process that has been started. */
export interface WorkerProcess {
  /** Jobs go in, reports come out. */
  readonly channel: Socket;
  kill(): void;
  /** How it ended, in words; undefined when it was asked to end and did. */
  readonly ended: Promise<string | undefined>;
}

export interface WorkerPoolOptions {
  /** Throws when there can be no process now. */
  readonly start: (identity: Identity) => WorkerProcess;
  /** Processes at the same time. */
  readonly workersMax: number;
  readonly idleMs: number;
  /** How long a worker with jobs may be silent. */
  readonly silenceMs?: number;
  /** Takes one line without its line end. */
  readonly log: (line: string) => void;
}

export interface WorkerPool {
  /** Has a job done by the user's worker. Never rejects. */
  deliver(identity: Identity, fields: readonly ByteString[]): Promise<Answer>;
  /** Processes that there are. */
  readonly size: number;
  /** Ends all workers; resolves when they are gone. */
  close(): Promise<void>;
}

/** How long a worker that was told to end may take. */
const endingMs = 5_000;

/** How long what a worker has said may be on its way when it has ended. */
const lastWordsMs = 1_000;

const idleLooksPerTime = 4;

interface Worker {
  readonly identity: Identity;
  running: number;
  idleSinceMs: number;
  ask(fields: readonly ByteString[]): Promise<Answer>;
  close(): void;
}

interface WaitingJob {
  readonly identity: Identity;
  readonly fields: readonly ByteString[];
  readonly resolve: (answer: Answer) => void;
}

function keyOf({ user, uid, gid }: Identity): string {
  return `${uid} ${gid} ${user}`;
}

export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const { workersMax, idleMs, log } = options;
  /** Those that take jobs, the one that was used last at the end. */
  const workers = new Map<string, Worker>();
  let waiting: WaitingJob[] = [];
  let processes = 0;
  let whenEmpty: (() => void) | undefined;

  const clock = setInterval(() => {
    for (const worker of workers.values()) {
      if (worker.running === 0 && performance.now() - worker.idleSinceMs >= idleMs) worker.close();
    }
  }, idleMs / idleLooksPerTime);
  clock.unref();

  function start(identity: Identity): Worker {
    const key = keyOf(identity);
    const child = options.start(identity);
    processes += 1;
    let grace: NodeJS.Timeout | undefined;
    const takeNoMore = () => {
      if (workers.get(key) === worker) workers.delete(key);
      grace ??= setTimeout(() => child.kill(), endingMs);
    };
    const link = openJobLink({
      socket: child.channel,
      peer: `the delivery worker of ${printable(identity.user, 100)}`,
      ...(options.silenceMs === undefined ? {} : { silenceMs: options.silenceMs }),
      onLost(reason) {
        takeNoMore();
        if (reason === undefined) return;
        log(`warning: the delivery worker of ${printable(identity.user, 100)} is ended: ${reason}`);
        child.kill();
      },
    });
    child.ended.then((how) => {
      takeNoMore();
      clearTimeout(grace);
      // What it reported before must count, or it would be done again; somebody else may hold its channel open.
      if (link.running === 0) link.destroy();
      else setTimeout(link.destroy, lastWordsMs).unref();
      if (how !== undefined) {
        log(`warning: the delivery worker of ${printable(identity.user, 100)} has ended: ${how}`);
      }
      processes -= 1;
      pump();
      if (processes === 0) whenEmpty?.();
    });
    const worker: Worker = {
      identity,
      running: 0,
      idleSinceMs: performance.now(),
      ask: link.ask,
      close() {
        takeNoMore();
        link.close();
      },
    };
    workers.set(key, worker);
    return worker;
  }

  function give(worker: Worker, { fields, resolve, identity }: WaitingJob): void {
    const key = keyOf(identity);
    workers.delete(key);
    workers.set(key, worker);
    worker.running += 1;
    worker.ask(fields).then((answer) => {
      worker.running -= 1;
      worker.idleSinceMs = performance.now();
      resolve(answer);
      if (worker.running === 0 && waiting.length > 0) pump();
    });
  }

  /** A worker for a new user, if there may be one more process. */
  function startIfRoom(job: WaitingJob): Worker | undefined {
    return processes < workersMax ? start(job.identity) : undefined;
  }

  /** Ends as many idle workers as users wait for a place, those that were idle longest. Some may be ending already. */
  function makeRoom(): void {
    const users = new Set(waiting.map(({ identity }) => keyOf(identity)));
    let wanted = users.size - (processes - workers.size);
    for (const worker of workers.values()) {
      if (wanted <= 0) return;
      if (worker.running > 0) continue;
      worker.close();
      wanted -= 1;
    }
  }

  function pump(): void {
    const jobs = waiting;
    waiting = [];
    for (const job of jobs) {
      try {
        const worker = workers.get(keyOf(job.identity)) ?? startIfRoom(job);
        if (worker === undefined) waiting.push(job);
        else give(worker, job);
      } catch (error) {
        job.resolve({ verdict: 'Z', text: `Unable to start a delivery: ${errorText(error)}. (#4.3.0)\n` });
      }
    }
    if (waiting.length > 0) makeRoom();
  }

  return {
    deliver(identity, fields) {
      return new Promise((resolve) => {
        waiting.push({ identity, fields, resolve });
        pump();
      });
    },
    get size() {
      return processes;
    },
    close() {
      clearInterval(clock);
      for (const worker of workers.values()) worker.close();
      return new Promise((resolve) => {
        whenEmpty = resolve;
        if (processes === 0) resolve();
      });
    },
  };
}
