/** What this process uses is what the system says of it. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { metricsText } from '../../src/process/metrics.ts';
import { showProcess } from '../../src/process/process-metrics.ts';
import { readMetrics, readSeries } from '../support/prometheus.ts';

function read(name: string): number {
  return readSeries(readMetrics(metricsText()), name);
}

test('processor time grows with work, memory and start are the process’s own', () => {
  const end = showProcess();
  const before = read('process_cpu_seconds_total');
  const used = process.cpuUsage();
  while (process.cpuUsage(used).user < 50_000);
  ok(read('process_cpu_seconds_total') >= before + 0.05);
  ok(Math.abs(read('process_resident_memory_bytes') / process.memoryUsage.rss() - 1) < 0.5);
  ok(Math.abs(read('process_start_time_seconds') - performance.timeOrigin / 1000) < 1);
  end();
  const last = metricsText();
  deepStrictEqual(metricsText(), last);
});
