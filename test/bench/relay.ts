/**
 * How many recipients a second go from QMQP in to SMTP out, to Postfix's smtp-sink: through the hub, through the same hub
 * that opens a connection for each recipient as qmail-remote does, and through Postfix. All have as many connections.
 */
import { findProgram } from '../support/foreign.ts';
import { type Postfix, postfixMissing, startPostfix } from '../support/postfix.ts';
import { until } from '../support/until.ts';
import { type Hub, startHub } from './hub.ts';
import { type Load, loadCommand, prepareLoad, runLoad } from './load.ts';
import { tailLog } from './log-tail.ts';
import type { BenchOptions } from './options.ts';
import { type SinkKind, sinkKinds } from './relay-sinks.ts';
import { type BenchResult, type Measured, resultOf } from './result.ts';
import { median, runRounds } from './rounds.ts';

/** To the sink, on all sides: what Postfix has by default, and our hub. */
const connections = 20;

/** Recipients that our hub tries at the same time. Postfix counts messages. */
const concurrency = 1000;

/** Messages that each connection carries at least: while the first and the last ones are on their way, others are idle. */
const messagesOfConnection = 10;

/** Recipients that a connection takes at once: what Postfix has by default. */
const recipientsMax = 50;

const sizeBytes = 1000;
const recipient = 'you@far.example';
const bytesMax = 100_000_000;
const pollMs = 20;
const timeoutMs = 120_000;

/** Whether what it needs is installed. */
export const isSinkInstalled: boolean = findProgram('smtp-sink') !== undefined;

/** A relay that runs. */
interface Relay {
  readonly name: string;
  readonly port: number;
  readonly command: string;
  /** Recipients that a connection takes at once. */
  readonly together: number;
  /** Resolves when all of `messages` that were accepted have gone. */
  hasSent(messages: number): Promise<void>;
  stop(): Promise<void>;
}

function relayOfHub(name: string, hub: Hub, together: number): Relay {
  const log = tailLog(hub.logPath);
  return {
    name,
    port: hub.port,
    command: hub.command,
    together,
    async hasSent(messages) {
      let left = messages;
      await log.next(
        `the end of ${messages} messages`,
        (line) => {
          if (line.startsWith('end msg ')) left -= 1;
          return left === 0 ? true : undefined;
        },
        timeoutMs,
      );
    },
    async stop() {
      log.close();
      await hub.stop();
    },
  };
}

async function startOurs(
  name: string,
  port: number,
  together: number,
  more: Readonly<Record<string, string>>,
): Promise<Relay> {
  const controls = {
    smtproutes: `:127.0.0.1:${port}\n`,
    concurrencyremote: `${concurrency}\n`,
    remoteconnections: `${connections}\n`,
    remoterecipients: `${together}\n`,
    submissionmemory: '0\n',
    ...more,
  };
  return relayOfHub(name, await startHub({ controls }), together);
}

async function startPeer(port: number): Promise<Relay> {
  const postfix: Postfix = await startPostfix({ deliveries: connections, relayPort: port });
  return {
    name: 'postfix',
    port: postfix.qmqpPort,
    command: `postfix: master with qmqpd on 127.0.0.1:PORT, smtp to the sink over ${connections} connections`,
    together: recipientsMax,
    async hasSent() {
      await until('an empty queue', () => (postfix.queued() === 0 ? true : undefined), timeoutMs, pollMs);
    },
    stop: postfix.stop,
  };
}

async function startAll(port: number): Promise<readonly Relay[]> {
  const ours = await startOurs('ours', port, recipientsMax, {});
  const single = await startOurs('ours, a connection for each recipient', port, 1, { remoteidle: '0\n' });
  return [ours, single, ...(postfixMissing() === false ? [await startPeer(port)] : [])];
}

/** Seconds until everything has gone out. */
async function runThrough(load: Load, relay: Relay): Promise<number> {
  const started = performance.now();
  await runLoad(load, relay.port);
  await relay.hasSent(load.messages);
  return (performance.now() - started) / 1000;
}

type Figures = Map<
  string,
  Measured & { readonly figures: Record<string, number>; readonly commands: Set<string> }
>;

/** Few enough messages for the time that there is, and enough for all connections to be busy. */
async function prepare(relay: Relay, recipients: number, options: BenchOptions): Promise<Load> {
  const load = await prepareLoad(
    { recipient, connections: 50, sizeBytes, recipients },
    { ...options, bytesMax },
    (trial) => runThrough(trial, relay),
  );
  if (options.messages !== undefined) return load;
  const least = (connections * messagesOfConnection) / Math.ceil(recipients / relay.together);
  return { ...load, messages: Math.max(load.messages, Math.ceil(least)) };
}

async function measure(measured: Figures, kind: SinkKind, options: BenchOptions): Promise<void> {
  const sink = await kind.start();
  const relays = await startAll(sink.port);
  try {
    for (const recipients of options.recipients) {
      const label = `${recipients === 1 ? '1 recipient' : `${recipients} recipients`} a message, ${kind.label}, recipients/s`;
      const loads = new Map<Relay, Load>();
      for (const relay of relays) loads.set(relay, await prepare(relay, recipients, options));
      const rates = await runRounds([...loads], options, async ([relay, load]) => {
        return (load.messages * recipients) / (await runThrough(load, relay));
      });
      for (const [[{ name, command }, load], values] of rates) {
        const one = measured.get(name) ?? { name, figures: {}, commands: new Set([command]) };
        one.figures[label] = median(values);
        one.commands.add(loadCommand(load));
        measured.set(name, one);
        options.say(`${label}: ${name} ${values.map((value) => value.toFixed(0)).join(' ')}`);
      }
    }
  } finally {
    for (const relay of relays) await relay.stop();
    await sink.stop();
  }
}

export async function relay(options: BenchOptions): Promise<BenchResult> {
  if (!isSinkInstalled) throw new Error('smtp-sink is not installed (Debian: postfix)');
  const kinds = sinkKinds.filter(({ name }) => options.sinks.length === 0 || options.sinks.includes(name));
  const measured: Figures = new Map();
  for (const kind of kinds) await measure(measured, kind, options);
  return resultOf('relay', [...measured.values()]);
}
