/** What this process uses, under the names that monitors know of every program. */
import { beforeReading, counter, gauge } from './metrics.ts';

const cpuSeconds = counter('process_cpu_seconds_total', 'Processor time used, user and system, in seconds.');
const residentBytes = gauge('process_resident_memory_bytes', 'Memory that is resident.');
const startTime = gauge('process_start_time_seconds', 'When the process started, in seconds since 1970.');

const microsecondsPerSecond = 1e6;

/** Keeps them up to date. Answers what ends that. */
export function showProcess(): () => void {
  let counted = 0;
  startTime.set(Math.round(performance.timeOrigin) / 1000);
  return beforeReading(() => {
    const { user, system } = process.cpuUsage();
    const used = (user + system) / microsecondsPerSecond;
    cpuSeconds.add(used - counted);
    counted = used;
    residentBytes.set(process.memoryUsage.rss());
  });
}
