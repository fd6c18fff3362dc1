/** How a spool is, for monitors: known from its names alone. */
import type { System } from '../system/index.ts';
import { entriesIn } from './list-spool.ts';
import { lookThrough } from './look.ts';
import { spoolPaths } from './spool-paths.ts';
import type { SpoolSettings } from './spool-settings.ts';

export interface SpoolCounts {
  readonly messages: number;
  /** When the oldest of them was kept. */
  readonly oldestMs: number | undefined;
  /** Messages in SPOOL/failed. */
  readonly failed: number;
}

export function countSpool(system: System, settings: SpoolSettings): SpoolCounts {
  const { queue, failed } = spoolPaths(settings.directory);
  const { count, oldestMs } = lookThrough(system, queue, 1);
  return { messages: count.messages, oldestMs, failed: entriesIn(system, failed).length };
}
