/**
 * A hub whose time is simulated and whose process can end at any transaction: the real store, sender and bouncer, with
 * deliveries that wait until they are told how they end. What is on the disk outlives the process, and nothing else.
 */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { openStore, type Store, storePath } from '../../src/queue/index.ts';
import {
  createBouncer,
  createRanks,
  createSender,
  type Job,
  type Routes,
  type SendEvent,
  type Sender,
  type SenderSettings,
} from '../../src/send/index.ts';
import type { Answer } from '../../src/system/index.ts';
import { type DirectStoreWorker, directStoreWorker } from '../support/direct-store-worker.ts';
import type { SimulatedTime } from '../support/simulated-time.ts';

export interface Delivery {
  readonly job: Job;
  readonly startMs: number;
  end(answer: Answer): void;
}

export interface HubWatch {
  /** A delivery begins. */
  started(delivery: Delivery): void;
  event(event: SendEvent): void;
}

export const memoryMs = 3_600_000;
export const queueLifetimeMs = 7_200_000;

const routes: Routes = {
  locals: new Set(['local']),
  percenthack: new Set(),
  envnoathost: 'local',
  virtualdomains: new Map(),
};

export const concurrency = { local: 3, remote: 4 } as const;

const settings: SenderSettings = { routes, queueLifetimeMs, concurrency };

const bounceSettings = {
  me: 'hub.test',
  bounceFrom: 'MAILER-DAEMON',
  bounceHost: 'hub.test',
  doubleBounceTo: 'postmaster@local',
  bounceMaxBytes: 1000,
  routes,
};

export interface SimulatedHub {
  readonly store: Store;
  readonly sender: Sender;
  readonly worker: DirectStoreWorker;
  /** Deliveries that have not ended. */
  readonly deliveries: readonly Delivery[];
  /** Lets the hub do what it can do without time passing; answers whether it is still alive. */
  settle(): Promise<boolean>;
  advance(ms: number): Promise<boolean>;
  /** What a process finds that starts after this one has ended at this moment: a copy of the disk. */
  copyDisk(to: string): void;
  /** Frees what the ended process has open. */
  dispose(): Promise<void>;
}

/** Turns of the event loop without anything to do, after which nothing more happens by itself. */
const quietTurns = 8;

/** Turns after which the store answers what it has committed: others see it before that. */
const answerTurns = 2;

/** A hub that is never done is a mistake. */
const turnsMax = 50_000;

const turn = () => new Promise(setImmediate);

export async function openHub(
  directory: string,
  time: SimulatedTime,
  watch: HubWatch,
): Promise<SimulatedHub> {
  mkdirSync(directory, { recursive: true });
  const worker = directStoreWorker();
  worker.answerTurns = answerTurns;
  const now = () => time.nowMs;
  const ranks = createRanks();
  let deliveries: Delivery[] = [];
  const report = (event: SendEvent) => {
    if (!worker.isDead) watch.event(event);
  };
  const store = await openStore(
    directory,
    {
      now,
      memoryMs: () => memoryMs,
      rankFor: ranks.next,
      onAccepted: (message, recipients) => sender.accepted(message, recipients),
      onRepeated: (message, before) => report({ event: 'repeated', message, before }),
      onLost(error) {
        throw error;
      },
    },
    worker.start,
  );

  function deliver(job: Job): Promise<Answer> {
    return new Promise((resolve) => {
      // The process has ended: what it still does here never happened.
      if (worker.isDead) return;
      const delivery: Delivery = {
        job,
        startMs: time.nowMs,
        end(answer) {
          deliveries = deliveries.filter((other) => other !== delivery);
          resolve(answer);
        },
      };
      deliveries.push(delivery);
      watch.started(delivery);
    });
  }

  const sender = createSender({
    store,
    ranks,
    settings: () => settings,
    deliver: { local: deliver, remote: deliver },
    bounce: createBouncer({ store, settings: () => bounceSettings, report, now }),
    report,
    now,
  });

  async function quiet(): Promise<void> {
    let turns = 0;
    for (let idle = 0; idle < quietTurns; idle = worker.isIdle ? idle + 1 : 0) {
      turns += 1;
      if (turns > turnsMax) throw new Error('the hub is never done');
      await turn();
    }
  }

  async function settle(): Promise<boolean> {
    await quiet();
    for (let rounds = 0; time.isDue && !worker.isDead; rounds += 1) {
      if (rounds > turnsMax) throw new Error('the hub looks again and again');
      await time.advance(0, quiet);
    }
    return !worker.isDead;
  }

  return {
    store,
    sender,
    worker,
    get deliveries() {
      return deliveries;
    },
    settle,
    async advance(ms) {
      await time.advance(ms, quiet);
      return settle();
    },
    copyDisk(to) {
      mkdirSync(to, { recursive: true });
      for (const suffix of ['', '-wal']) {
        const from = `${storePath(directory)}${suffix}`;
        if (existsSync(from)) copyFileSync(from, `${storePath(to)}${suffix}`);
      }
    },
    async dispose() {
      await quiet();
      await store.close();
    },
  };
}
