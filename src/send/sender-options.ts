/** What a sender works with. */
import type { QueuedMessage, Store } from '../queue/index.ts';
import type { Report } from './event.ts';
import type { Deliver } from './job.ts';
import type { Ranks } from './ranks.ts';
import type { Channel } from './retry.ts';
import type { Routes } from './routes.ts';

/** What an operator may change while it runs. */
export interface SenderSettings {
  readonly routes: Routes;
  readonly queueLifetimeMs: number;
  readonly concurrency: Readonly<Record<Channel, number>>;
}

export interface SenderOptions {
  readonly store: Store;
  readonly ranks: Ranks;
  readonly settings: () => SenderSettings;
  readonly deliver: Readonly<Record<Channel, Deliver>>;
  /** Writes the bounce of a message whose recipients are done or have failed. */
  readonly bounce: (message: QueuedMessage) => Promise<void>;
  readonly report: Report;
  readonly now: () => number;
}
