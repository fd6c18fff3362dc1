/** How many messages a second a hub accepts durably. Deliveries are held, unless they are asked for. */
import { type Load, loadCommand, prepareLoad, runLoad } from './load.ts';
import type { BenchOptions } from './options.ts';
import { type BenchResult, resultOf } from './result.ts';
import { median, runRounds } from './rounds.ts';
import { ourHub, postfix, qmqpSink, type Running, startAll, stopAll } from './subjects.ts';

/** As many as our hub does, when deliveries run. */
const deliveries = 10;

/** What one run may leave on the disk. */
const bytesMax = 300_000_000;

/** One size and one number of connections, for all subjects in turn. */
export async function measureCell(
  cell: Pick<Load, 'connections' | 'sizeBytes' | 'source'>,
  running: readonly Running[],
  options: BenchOptions,
): Promise<void> {
  const loads = new Map<Running, Load>();
  for (const one of running) {
    const { port, recipient } = one.server;
    const load = await prepareLoad({ ...cell, recipient }, { ...options, bytesMax }, (trial) =>
      runLoad(trial, port),
    );
    one.commands.add(loadCommand(load));
    loads.set(one, load);
  }
  const rates = await runRounds([...loads], options, async ([{ server }, load]) => {
    return load.messages / (await runLoad(load, server.port));
  });
  const kept = cell.source === 'smtp-source, kept' ? ', kept' : '';
  const label = `${cell.sizeBytes / 1000} kB, ${cell.connections} connections${kept}, messages/s`;
  for (const [[one], values] of rates) {
    one.figures[label] = median(values);
    options.say(`${label}: ${one.name} ${values.map((value) => value.toFixed(0)).join(' ')}`);
  }
}

export async function accept(options: BenchOptions): Promise<BenchResult> {
  const { deliver } = options;
  const ours = ourHub(deliver ? {} : { concurrencylocal: '0\n' });
  const running = await startAll([ours, postfix({ deliver, deliveries }), qmqpSink]);
  try {
    for (const sizeBytes of options.sizesBytes) {
      for (const connections of options.connections) {
        await measureCell({ sizeBytes, connections }, running, options);
      }
    }
  } finally {
    await stopAll(running);
  }
  return resultOf('accept', running);
}
