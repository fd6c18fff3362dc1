/** What a monitor makes of the queue's numbers, in one line of text. */
import type { QueueCounts } from '../queue/index.ts';
import { formatDuration } from './duration.ts';
import { type Finding, monitorExit, monitorWords, severity, type Thresholds } from './monitor.ts';

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
  return { exit, line: `QUEUE ${monitorWords[exit]} - ${says} | ${measures(counts, ageMs, limits)}` };
}

/** The queue could not be looked at. The bar would begin the measures. */
export function unknownFinding(reason: string): Finding {
  return { exit: monitorExit.unknown, line: `QUEUE UNKNOWN - ${reason.replaceAll('|', '/')}` };
}
