/** How many messages a second go the whole way: from the client until the last of them is in the Maildir. */

import { until } from '../support/until.ts';
import { type Load, loadCommand, prepareLoad, runLoad } from './load.ts';
import type { BenchOptions } from './options.ts';
import { type BenchResult, resultOf } from './result.ts';
import { median, runRounds } from './rounds.ts';
import { ourHub, postfix, type Running, type Server, startAll, stopAll } from './subjects.ts';

const connections = 50;
const sizeBytes = 1000;

/** At the same time, on either side. */
const deliveries = 10;

/** What one run may leave on the disk. */
const bytesMax = 100_000_000;

/** Counting a large directory costs time that the servers could use, so it is not done more often. */
const pollMs = 50;

/** A run that takes this long has stopped. */
const timeoutMs = 300_000;

/** Seconds from the first message until the last is in the Maildir. */
async function runThrough(load: Load, server: Server): Promise<number> {
  const { delivered } = server;
  if (delivered === undefined) throw new Error('this server delivers nothing');
  const before = delivered();
  const started = performance.now();
  await runLoad(load, server.port);
  const done = () => (delivered() - before >= load.messages ? true : undefined);
  await until(`${load.messages} messages in the Maildir`, done, timeoutMs, pollMs);
  return (performance.now() - started) / 1000;
}

export async function endToEnd(options: BenchOptions): Promise<BenchResult> {
  const running = await startAll([ourHub({}), postfix({ deliveries })]);
  const label = `${sizeBytes / 1000} kB, ${connections} connections, messages/s`;
  try {
    const loads = new Map<Running, Load>();
    for (const one of running) {
      const { server } = one;
      const load = await prepareLoad(
        { recipient: server.recipient, connections, sizeBytes },
        { ...options, bytesMax },
        (trial) => runThrough(trial, server),
      );
      one.commands.add(loadCommand(load));
      loads.set(one, load);
    }
    const rates = await runRounds([...loads], options, async ([{ server }, load]) => {
      return load.messages / (await runThrough(load, server));
    });
    for (const [[one], values] of rates) {
      one.figures[label] = median(values);
      options.say(`${label}: ${one.name} ${values.map((value) => value.toFixed(0)).join(' ')}`);
    }
  } finally {
    await stopAll(running);
  }
  return resultOf('end-to-end', running);
}
