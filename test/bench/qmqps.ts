/**
 * What TLS costs: messages a second that our hub accepts over plain QMQP, in TLS with sessions that are resumed, and in
 * TLS with a full handshake for each, from one client of ours. Deliveries are held.
 */
import { chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatPackage, type Hub, submitPackage } from '../../qmqp/index.ts';
import { bytesOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { fingerprintOf, identityOf } from '../support/identity.ts';
import { until } from '../support/until.ts';
import { makeHome, startHub } from './hub.ts';
import type { BenchOptions } from './options.ts';
import { type BenchResult, resultOf } from './result.ts';
import { median, runRounds } from './rounds.ts';

const limits = { connectMs: 30_000, idleMs: 30_000, totalMs: 60_000 };

const connectionsMax = 400;

interface Way {
  readonly name: string;
  readonly command: string;
  /** The hub, as message number `index` goes to it. */
  hub(index: number): Hub;
}

const { network, monotonic, random } = nodeSystem([]);

/** Sends so many messages and answers how many seconds that took. */
async function send(
  way: Way,
  identity: string,
  count: number,
  connections: number,
  sizeBytes: number,
): Promise<number> {
  const world = { network, monotonic, identity: () => identity };
  const body = bytesOf(`Subject: bench\n\n${'x'.repeat(sizeBytes)}`.slice(0, sizeBytes));
  const pack = formatPackage(
    { sizeBytes: body.length, chunks: () => [body] },
    { sender: 'sender@satellite.example', recipients: ['you@hub.test'] },
  );
  let next = 0;
  const started = performance.now();
  const one = async () => {
    while (next < count) {
      next += 1;
      const { outcome } = await submitPackage(world, [way.hub(next)], pack, limits);
      if (outcome?.kind !== 'answered' || outcome.answer.verdict !== 'K')
        throw new Error(`${way.name}: ${JSON.stringify(outcome)}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  return (performance.now() - started) / 1000;
}

export async function qmqps(options: BenchOptions): Promise<BenchResult> {
  const [hubIdentity, identity] = [await identityOf('hub.test'), await identityOf('satellite.example')];
  const controls = {
    me: 'hub.test\n',
    locals: 'hub.test\n',
    concurrencylocal: '0\n',
    submissionmemory: '0\n',
    concurrencyqmqpperip: `${connectionsMax}\n`,
    qmqpskey: hubIdentity,
  };
  const home = makeHome(controls);
  const { uid, gid } = statSync(home.queue);
  const directory = join(home.path, 'control/satellites');
  for (const name of ['', '/.heard', '/.requests']) {
    mkdirSync(`${directory}${name}`);
    chownSync(`${directory}${name}`, uid, gid);
  }
  writeFileSync(`${directory}/satellite`, `key ${fingerprintOf(identity)}\n`);
  chownSync(join(home.path, 'control/qmqpskey'), uid, gid);
  const hub = await startHub({ home, args: ['--qmqps', '127.0.0.1:0'] });
  const plainPort = hub.port;
  const securePort = await until('the hub to listen in TLS', () => {
    const found = /^listening qmqps .*:(\d+)$/m.exec(readFileSync(hub.logPath, 'latin1'));
    return found === null ? undefined : Number(found[1]);
  });
  const host = '127.0.0.1';
  const pin = fingerprintOf(hubIdentity);
  // A pin that is nobody's makes another target, for which there is no session yet.
  const otherPin = () => `sha256:${Buffer.from(random(32)).toString('hex')}`;
  const start = hub.command;
  const ways: readonly Way[] = [
    { name: 'TLS, resumed', command: start, hub: () => ({ host, port: securePort, pins: [pin] }) },
    { name: 'plain', command: start, hub: () => ({ host, port: plainPort }) },
    { name: 'TLS, full', command: start, hub: () => ({ host, port: securePort, pins: [pin, otherPin()] }) },
  ];
  const figures = new Map(ways.map((way) => [way, {} as Record<string, number>]));
  try {
    for (const sizeBytes of options.sizesBytes) {
      for (const connections of options.connections) {
        const count = options.messages ?? Math.ceil(options.seconds * 400);
        for (const way of ways) await send(way, identity, connections * 2, connections, sizeBytes);
        const rates = await runRounds(ways, options, async (way) => {
          return count / (await send(way, identity, count, connections, sizeBytes));
        });
        const label = `${sizeBytes / 1000} kB, ${connections} connections, messages/s`;
        for (const [way, values] of rates) {
          const own = figures.get(way);
          if (own !== undefined) own[label] = median(values);
          options.say(`${label}: ${way.name} ${values.map((value) => value.toFixed(0)).join(' ')}`);
        }
      }
    }
  } finally {
    await hub.stop();
    home.remove();
  }
  const measured = ways.map((way) => ({
    name: way.name,
    figures: figures.get(way) ?? {},
    commands: [way.command],
  }));
  return resultOf('qmqps', measured);
}
