/** What a monitor makes of a spool: as queue-monitor.ts does of a queue. */
import type { SpoolCounts } from '../satellite/later.ts';
import { formatDuration } from './duration.ts';
import { type Finding, monitorExit, monitorWords, severity, type Thresholds } from './monitor.ts';

/** A message that was set aside is a warning at the least: nobody else hears of it. */
export function spoolFinding(
  { messages, oldestMs, failed }: SpoolCounts,
  limits: Thresholds,
  nowMs: number,
): Finding {
  const ageMs = oldestMs === undefined ? 0 : Math.max(nowMs - oldestMs, 0);
  const exit = Math.max(
    severity(messages, limits.warnCount, limits.critCount),
    severity(ageMs, limits.warnAgeMs, limits.critAgeMs),
    failed > 0 ? monitorExit.warning : monitorExit.ok,
  );
  const seconds = (ms: number | undefined) => (ms === undefined ? '' : Math.floor(ms / 1000));
  const says = [
    `${messages} ${messages === 1 ? 'message' : 'messages'}`,
    ...(oldestMs === undefined ? [] : [`the oldest ${formatDuration(ageMs)} old`]),
    ...(failed > 0 ? [`${failed} set aside`] : []),
  ];
  const measures = [
    `messages=${messages};${limits.warnCount ?? ''};${limits.critCount ?? ''};0`,
    `oldest=${seconds(ageMs)}s;${seconds(limits.warnAgeMs)};${seconds(limits.critAgeMs)};0`,
    `failed=${failed};0;;0`,
  ];
  return { exit, line: `SPOOL ${monitorWords[exit] ?? ''} - ${says.join(', ')} | ${measures.join(' ')}` };
}

/** The spool could not be looked at. The bar would begin the measures. */
export function unknownSpool(reason: string): Finding {
  return { exit: monitorExit.unknown, line: `SPOOL UNKNOWN - ${reason.replaceAll('|', '/')}` };
}
