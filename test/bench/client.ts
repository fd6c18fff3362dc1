/**
 * What one submission costs a small machine: our satellite's sendmail in both bodies beside Node itself, msmtp, nullmailer,
 * dma, and the least that a client in C can be.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtExecutable, tinyExecutable } from '../support/executables.ts';
import {
  type Command,
  forgetPages,
  inspectReading,
  inspectWaiting,
  isInstalled,
  type MemoryCost,
  timeCommand,
} from './cost.ts';
import { hasInjectors, type Injectors, startInjectors } from './injectors.ts';
import { sender } from './load.ts';
import { minimalClients } from './minimal-clients.ts';
import type { BenchOptions } from './options.ts';
import { type BenchResult, type Measured, resultOf } from './result.ts';
import { median, runRounds } from './rounds.ts';
import { type Sink, startQmqpSink, startSmtpSink } from './servers.ts';

/** Runs are cheap and their times scatter, so there are many for each round that the other cases have. */
const runsPerRound = (quick: boolean) => (quick ? 2 : 10);

/** A run with a cold page cache, per round. */
const coldRunsPerRound = (quick: boolean) => (quick ? 1 : 3);

const recipient = 'you@hub.example';

const bytesPerMegabyte = 1e6;

interface Client {
  readonly name: string;
  readonly command: Command;
  /** How a user would type it. */
  readonly shown: string;
  /** Where it sends to; it waits for an answer from there. */
  readonly sink?: Sink;
  /** It is in use all the time: the bench itself runs on it, so that its pages stay in memory. */
  readonly alwaysWarm?: true;
  /** It takes a message of any size. */
  readonly takesLarge?: true;
  /** It sends nothing by itself. */
  readonly injects?: true;
  readonly figures: Record<string, number>;
}

/** The message of a cron job: 3.7 kB. */
function writeMessage(path: string): void {
  const body = Array.from(
    { length: 70 },
    (_, line) => `${line}: everything is as it should be on this machine`,
  );
  writeFileSync(path, `From: ${sender}\nTo: ${recipient}\nSubject: Cron\n\n${body.join('\n')}\n`);
}

const largeMegabytes = 100;

/** As a backup would send it, in lines. */
function writeLargeMessage(path: string): void {
  const descriptor = openSync(path, 'w');
  try {
    writeSync(descriptor, `From: ${sender}\nTo: ${recipient}\nSubject: All of it\n\n`);
    const megabyte = `${'x'.repeat(79)}\n`.repeat(bytesPerMegabyte / 80);
    for (let written = 0; written < largeMegabytes; written += 1) writeSync(descriptor, megabyte);
  } finally {
    closeSync(descriptor);
  }
}

interface Place {
  readonly directory: string;
  readonly input: string;
  readonly injectors: Injectors | undefined;
  readonly qmqp: Sink;
  readonly smtp: Sink;
}

function clients({ directory, input, qmqp, smtp, injectors }: Place): readonly Client[] {
  const home = join(directory, 'home');
  mkdirSync(join(home, 'control'), { recursive: true });
  writeFileSync(join(home, 'control/me'), 'satellite.example\n');
  writeFileSync(join(home, 'control/qmqpservers'), `127.0.0.1:${qmqp.port}\n`);
  const env = { QMAILHOME: home };
  const empty = join(directory, 'empty.cjs');
  writeFileSync(empty, '');
  const executable = builtExecutable('mini-qmail-satellite');
  const sendmail = ['sendmail', '-t', '-i'];
  const smtpArgs = ['--host=127.0.0.1', `--port=${smtp.port}`, `--from=${sender}`, '--tls=off', '--auth=off'];
  const all: readonly Client[] = [
    {
      name: 'ours',
      command: { program: executable, args: sendmail, env, input },
      shown: 'dist/mini-qmail-satellite sendmail -t -i <MESSAGE',
      sink: qmqp,
      takesLarge: true,
      figures: {},
    },
    {
      name: 'ours, native',
      command: { program: tinyExecutable, args: sendmail, env, input },
      shown: 'dist/mini-qmail-tiny sendmail -t -i <MESSAGE',
      sink: qmqp,
      takesLarge: true,
      figures: {},
    },
    {
      name: 'node, same bundle',
      command: { program: process.execPath, args: [`${executable}.cjs`, ...sendmail], env, input },
      shown: 'node dist/mini-qmail-satellite.cjs sendmail -t -i <MESSAGE',
      sink: qmqp,
      alwaysWarm: true,
      figures: {},
    },
    {
      name: 'node, empty script',
      command: { program: process.execPath, args: [empty], input },
      shown: 'node EMPTY',
      alwaysWarm: true,
      figures: {},
    },
    {
      name: 'msmtp',
      command: { program: 'msmtp', args: [...smtpArgs, recipient], input },
      shown: 'msmtp --host=127.0.0.1 --port=PORT --tls=off --auth=off RECIPIENT <MESSAGE',
      sink: smtp,
      figures: {},
    },
  ];
  const least = minimalClients(directory).map(
    ({ name, program }): Client => ({
      name,
      command: { program, args: [String(qmqp.port), sender, recipient], input },
      shown: 'minimal-client PORT SENDER RECIPIENT <MESSAGE',
      sink: qmqp,
      figures: {},
    }),
  );
  const others = (injectors?.commands ?? []).map((each): Client => ({ ...each, injects: true, figures: {} }));
  return [...all.filter((client) => isInstalled(client.command.program)), ...least, ...others];
}

async function measureMemory(client: Client, directory: string): Promise<MemoryCost | undefined> {
  const { sink, command } = client;
  if (client.injects) return inspectReading(command, join(directory, 'fifo'));
  if (sink === undefined) return undefined;
  try {
    return await inspectWaiting(command, (isWaiting) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      sink.onWaiting = () => {
        isWaiting();
        return promise;
      };
      return resolve;
    });
  } finally {
    sink.onWaiting = undefined;
  }
}

function sizeMb({ program, files }: Command): number {
  const sizes = files?.map((path) => statSync(path).size / bytesPerMegabyte);
  if (sizes !== undefined) return sizes.reduce((sum, size) => sum + size);
  const path = execFileSync('sh', ['-c', `readlink -f "$(command -v ${program})"`], { encoding: 'utf8' });
  return statSync(path.trim()).size / bytesPerMegabyte;
}

async function measure(all: readonly Client[], directory: string, options: BenchOptions): Promise<void> {
  const rounds = { rounds: options.rounds * runsPerRound(options.quick), pauseMs: 0 };
  for (const [client, costs] of await runRounds(all, rounds, ({ command }) => timeCommand(command))) {
    client.figures['wall ms'] = median(costs.map((cost) => cost.wallMs));
    client.figures['CPU ms'] = median(costs.map((cost) => cost.cpuMs));
  }
  const cold = { rounds: options.rounds * coldRunsPerRound(options.quick), pauseMs: 0 };
  const coldRun = async ({ command }: Client) => {
    forgetPages(command);
    return await timeCommand(command);
  };
  const canBeCold = all.filter(({ alwaysWarm }) => !alwaysWarm);
  for (const [client, costs] of await runRounds(canBeCold, cold, coldRun)) {
    client.figures['cold, wall ms'] = median(costs.map((cost) => cost.wallMs));
    client.figures['cold, CPU ms'] = median(costs.map((cost) => cost.cpuMs));
  }
  for (const client of all) {
    const memory = await measureMemory(client, directory);
    if (memory !== undefined) {
      client.figures['peak resident MB'] = memory.peakMb;
      client.figures['private MB'] = memory.privateMb;
      client.figures['threads'] = memory.threads;
    }
    if (client.takesLarge) {
      const input = join(directory, 'large');
      const large = await measureMemory({ ...client, command: { ...client.command, input } }, directory);
      if (large !== undefined) client.figures[`${largeMegabytes} MB, peak resident MB`] = large.peakMb;
    }
    client.figures['file MB'] = sizeMb(client.command);
  }
}

export async function client(options: BenchOptions): Promise<BenchResult> {
  const directory = mkdtempSync(join(tmpdir(), 'mini-qmail-bench-'));
  const qmqp = await startQmqpSink();
  const smtp = await startSmtpSink();
  const input = join(directory, 'message');
  writeMessage(input);
  writeLargeMessage(join(directory, 'large'));
  const injectors = hasInjectors ? await startInjectors(directory, input, recipient) : undefined;
  try {
    const all = clients({ directory, input, qmqp, smtp, injectors });
    options.say(
      `client: ${all.map(({ name }) => name).join(', ')}, ${options.rounds * runsPerRound(options.quick)} runs each`,
    );
    await measure(all, directory, options);
    const measured = all.map(({ name, figures, shown }): Measured => ({ name, figures, commands: [shown] }));
    return resultOf('client', measured);
  } finally {
    await injectors?.close();
    qmqp.close();
    smtp.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
