/**
 * How many recipients a second go from QMQP in to SMTP out, to Postfix's smtp-sink: through the hub, through the same hub
 * that opens a connection for each recipient as qmail-remote does, and through Postfix. All have as many connections. The
 * sink answers at once, or each command after a while.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { findProgram } from '../support/foreign.ts';
import { type Postfix, postfixMissing, startPostfix } from '../support/postfix.ts';
import { until } from '../support/until.ts';
import { unusedPort } from '../support/unused-port.ts';
import { type Hub, startHub } from './hub.ts';
import { type Load, loadCommand, prepareLoad, runLoad } from './load.ts';
import { tailLog } from './log-tail.ts';
import type { BenchOptions } from './options.ts';
import { type BenchResult, type Measured, resultOf } from './result.ts';
import { median, runRounds } from './rounds.ts';
import { slowProxyProgram } from './slow-proxy.ts';

/** To the sink, on all sides: what Postfix has by default. */
const connections = 20;

/** Recipients that are tried at the same time. */
const concurrency = 1000;

const sizeBytes = 1000;
const recipient = 'you@far.example';
/** A short run has the last one alone. */
const recipientsCounts = [1, 20];
const delaysMs = [0, 20];
const bytesMax = 100_000_000;
const pollMs = 20;
const timeoutMs = 120_000;

const sink = findProgram('smtp-sink');

/** Whether what it needs is installed. */
export const isSinkInstalled: boolean = sink !== undefined;

interface Peer {
  readonly port: number;
  stop(): Promise<void>;
}

/** A relay that runs. */
interface Relay {
  readonly name: string;
  readonly port: number;
  readonly command: string;
  /** Resolves when all of `messages` that were accepted have gone. */
  hasSent(messages: number): Promise<void>;
  stop(): Promise<void>;
}

async function endOf(child: ChildProcess): Promise<void> {
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
}

async function startChild(port: number, program: string, args: readonly string[]): Promise<Peer> {
  const child = spawn(program, args, { stdio: 'ignore' });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const isListening = () =>
    new Promise<true | undefined>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(undefined));
    });
  await until(`${program} to listen`, isListening);
  return {
    port,
    async stop() {
      process.off('exit', kill);
      await endOf(child);
    },
  };
}

async function startSink(): Promise<Peer> {
  const port = await unusedPort();
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  return await startChild(port, sink ?? '', [...user, '-m', '1000', `127.0.0.1:${port}`, '511']);
}

async function slowDown(server: Peer, delayMs: number): Promise<Peer> {
  const port = await unusedPort();
  return await startChild(port, process.execPath, [
    slowProxyProgram,
    ...[port, server.port, delayMs].map(String),
  ]);
}

function relayOfHub(name: string, hub: Hub): Relay {
  const log = tailLog(hub.logPath);
  return {
    name,
    port: hub.port,
    command: hub.command,
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

async function startOurs(name: string, port: number, more: Readonly<Record<string, string>>): Promise<Relay> {
  const controls = {
    smtproutes: `:127.0.0.1:${port}\n`,
    concurrencyremote: `${concurrency}\n`,
    remoteconnections: `${connections}\n`,
    submissionmemory: '0\n',
    ...more,
  };
  return relayOfHub(name, await startHub({ controls }));
}

async function startPeer(port: number): Promise<Relay> {
  const postfix: Postfix = await startPostfix({ deliveries: connections, relayPort: port });
  return {
    name: 'postfix',
    port: postfix.qmqpPort,
    command: `postfix: master with qmqpd on 127.0.0.1:PORT, smtp to the sink over ${connections} connections`,
    async hasSent() {
      await until('an empty queue', () => (postfix.queued() === 0 ? true : undefined), timeoutMs, pollMs);
    },
    stop: postfix.stop,
  };
}

async function startAll(port: number): Promise<readonly Relay[]> {
  const ours = await startOurs('ours', port, {});
  const single = await startOurs('ours, a connection for each recipient', port, {
    remoteidle: '0\n',
    remoterecipients: '1\n',
  });
  return [ours, single, ...(postfixMissing() === false ? [await startPeer(port)] : [])];
}

/** Seconds until everything has gone out. */
async function runThrough(load: Load, relay: Relay): Promise<number> {
  const started = performance.now();
  await runLoad(load, relay.port);
  await relay.hasSent(load.messages);
  return (performance.now() - started) / 1000;
}

async function measure(
  measured: Map<
    string,
    Measured & { readonly figures: Record<string, number>; readonly commands: Set<string> }
  >,
  delayMs: number,
  options: BenchOptions,
): Promise<void> {
  const server = await startSink();
  const slow = delayMs === 0 ? undefined : await slowDown(server, delayMs);
  const relays = await startAll((slow ?? server).port);
  try {
    for (const recipients of options.messages === undefined ? recipientsCounts : recipientsCounts.slice(-1)) {
      const label = `${recipients === 1 ? '1 recipient' : `${recipients} recipients`} a message, ${delayMs} ms a command, recipients/s`;
      const loads = new Map<Relay, Load>();
      for (const relay of relays) {
        const load = { recipient, connections: 50, sizeBytes, recipients };
        loads.set(
          relay,
          await prepareLoad(load, { ...options, bytesMax }, (trial) => runThrough(trial, relay)),
        );
      }
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
    await slow?.stop();
    await server.stop();
  }
}

export async function relay(options: BenchOptions): Promise<BenchResult> {
  if (!isSinkInstalled) throw new Error('smtp-sink is not installed (Debian: postfix)');
  const measured = new Map();
  for (const delayMs of delaysMs) await measure(measured, delayMs, options);
  return resultOf('relay', [...measured.values()]);
}
