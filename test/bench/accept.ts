/** How many messages a second a hub accepts durably. Deliveries are held, so that nothing else asks for the disk. */
import { calibrate, type Load, loadCommand, runLoad } from './load.ts';
import type { BenchOptions } from './options.ts';
import { type BenchResult, resultOf } from './result.ts';
import { median, runRounds } from './rounds.ts';
import { acceptPeers, ourHub, type Running, startAll, stopAll } from './subjects.ts';

/** What one run may leave on the disk. */
const bytesMax = 300_000_000;

/** One size and one number of connections, for all subjects in turn. */
async function measureCell(
  cell: Omit<Load, 'messages'>,
  running: readonly Running[],
  options: BenchOptions,
): Promise<void> {
  const loads = new Map<Running, Load>();
  for (const one of running) {
    const { messages, seconds } = options;
    const load = messages
      ? { ...cell, messages }
      : await calibrate(cell, one.server.port, { seconds, bytesMax });
    one.commands.add(loadCommand(load));
    loads.set(one, load);
  }
  const rates = await runRounds([...loads], options, async ([{ server }, load]) => {
    return load.messages / (await runLoad(load, server.port));
  });
  const label = `${cell.sizeBytes / 1000} kB, ${cell.connections} connections, messages/s`;
  for (const [[one], values] of rates) {
    one.figures[label] = median(values);
    options.say(`${label}: ${one.name} ${values.map((value) => value.toFixed(0)).join(' ')}`);
  }
}

export async function accept(options: BenchOptions): Promise<BenchResult> {
  const running = await startAll([ourHub({ concurrencylocal: '0\n' }), ...acceptPeers]);
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
