/**
 * What a monitor makes of the queue's numbers: one line of text and the exit codes of the Monitoring Plugins
 * Guidelines: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
 */
import type { QueueCounts } from '../queue/index.ts';
import { formatDuration } from './duration.ts';

export const monitorExit = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const;

const words = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

/** What is too much; undefined asks nothing. */
export interface Thresholds {
  readonly warnAgeMs: number | undefined;
  readonly critAgeMs: number | undefined;
  readonly warnCount: number | undefined;
  readonly critCount: number | undefined;
}

export interface Finding {
  readonly exit: number;
  /** Without its line end. */
  readonly line: string;
}

function severity(value: number, warn: number | undefined, crit: number | undefined): number {
  if (crit !== undefined && value > crit) return monitorExit.critical;
  return warn !== undefined && value > warn ? monitorExit.warning : monitorExit.ok;
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? '' : String(Math.floor(ms / 1000));
}

/** `label=value;warn;crit;min` of the guidelines. */
function measures(counts: QueueCounts, ageMs: number, limits: Thresholds): string {
  const { messages, fresh, waiting, held, failed } = counts;
  return [
    `messages=${messages};${limits.warnCount ?? ''};${limits.critCount ?? ''};0`,
    `oldest=${seconds(ageMs)}s;${seconds(limits.warnAgeMs)};${seconds(limits.critAgeMs)};0`,
    ...Object.entries({ fresh, waiting, held, failed }).map(([name, count]) => `${name}=${count};;;0`),
  ].join(' ');
}

export function findingOf(counts: QueueCounts, limits: Thresholds, nowMs: number): Finding {
  const { messages, oldestMs } = counts;
  const ageMs = oldestMs === undefined ? 0 : Math.max(nowMs - oldestMs, 0);
  const exit = Math.max(
    severity(messages, limits.warnCount, limits.critCount),
    severity(ageMs, limits.warnAgeMs, limits.critAgeMs),
  );
  const noun = messages === 1 ? 'message' : 'messages';
  const oldest = oldestMs === undefined ? '' : `, the oldest ${formatDuration(ageMs)} old`;
  const says = `${messages} ${noun}${oldest}`;
  return { exit, line: `QUEUE ${words[exit]} - ${says} | ${measures(counts, ageMs, limits)}` };
}

/** The queue could not be looked at. The bar would begin the measures. */
export function unknownFinding(reason: string): Finding {
  return { exit: monitorExit.unknown, line: `QUEUE UNKNOWN - ${reason.replaceAll('|', '/')}` };
}
