/**
 * What a full spool costs in each body of the satellite: the rate at which a flush empties it, beside that at which the
 * same hub accepts from qmqp-source over as many connections; the memory of the flush, and what sendmail takes to keep one
 * message more, beside those of a spool with few messages.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { formatPackage } from '../../qmqp/index.ts';
import { formatEntryName } from '../../src/satellite/entry-name.ts';
import { bytesOf, concatBytes } from '../../src/system/index.ts';
import { builtExecutable, tinyExecutable } from '../support/executables.ts';
import { unusedPort } from '../support/unused-port.ts';
import { cpuMsOf, peakMbOf } from './cost.ts';
import { loadCommand, runLoad, sender } from './load.ts';
import type { BenchOptions } from './options.ts';
import { type BenchResult, type Measured, resultOf } from './result.ts';
import { median } from './rounds.ts';
import { ourHub, type Server, startAll, stopAll } from './subjects.ts';

const waitingMany = 100_000;
const waitingFew = 1000;

/** How many wait in a quick run. */
const quickMany = 1000;

const names = ['many', 'few'] as const;

const sizeBytes = 1000;
const submissions = 9;
const lookMs = 20;

interface Box {
  readonly home: string;
  /** Its hub listens there. */
  point(port: number): void;
  /** Files in its queue. */
  waiting(): number;
  remove(): void;
}

function makeBox(): Box {
  const home = mkdtempSync(join(tmpdir(), 'mini-qmail-box-'));
  mkdirSync(join(home, 'control'));
  writeFileSync(join(home, 'control/me'), 'box.example\n');
  writeFileSync(join(home, 'control/spool'), 'spool\n');
  for (const name of ['', 'queue', 'failed', 'tally', 'hubs']) mkdirSync(join(home, 'spool', name));
  return {
    home,
    point: (port) => writeFileSync(join(home, 'control/qmqpservers'), `127.0.0.1:${port}\n`),
    waiting: () => readdirSync(join(home, 'spool/queue')).length,
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** Puts so many messages into its spool, as senders would, but without waiting for the disk. */
function fill({ home }: Box, messages: number, recipient: string): void {
  const beganMs = Date.now() - messages;
  for (let number = 0; number < messages; number += 1) {
    const text = `Message-ID: <${number}.${beganMs}@box.example>\n\n`.padEnd(sizeBytes, 'Well. ');
    const message = { sizeBytes: text.length, chunks: () => [bytesOf(text)] };
    const pack = formatPackage(message, { sender, recipients: [recipient] });
    const name = formatEntryName({
      arrivedMs: beganMs + number,
      id: number.toString(16).padStart(16, '0'),
      sizeBytes: pack.sizeBytes,
      tries: 0,
      unknownAt: [],
      unknownSinceMs: 0,
      claim: undefined,
    });
    writeFileSync(join(home, 'spool/queue', name), concatBytes([...pack.pieces()]));
  }
}

interface Flushed {
  readonly seconds: number;
  readonly peakMb: number;
  readonly cpuMs: number;
}

async function flush({ home, waiting }: Box, program: string, connections: number): Promise<Flushed> {
  const started = performance.now();
  const args = ['qmail-flush', '--now', '--parallel', String(connections)];
  const child = spawn(program, args, {
    env: { QMAILHOME: home, PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  let peakMb = 0;
  let cpuMs = 0;
  const looking = setInterval(() => {
    try {
      peakMb = Math.max(peakMb, peakMbOf(child.pid ?? 0));
      cpuMs = cpuMsOf(child.pid ?? 0);
    } catch {
      // It has just ended.
    }
  }, lookMs);
  const [code] = await once(child, 'close');
  clearInterval(looking);
  if (code !== 0 || waiting() > 0) throw new Error(`qmail-flush ended with ${code}; ${waiting()} wait`);
  return { seconds: (performance.now() - started) / 1000, peakMb, cpuMs };
}

/** Milliseconds that sendmail takes to keep a message, when no hub is there. */
function keep({ home }: Box, program: string): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(program, ['sendmail', 'you@hub.example'], {
    env: { QMAILHOME: home },
    input: 'Subject: cron\n\nall is well\n',
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`sendmail ended with ${status}: ${stderr}`);
  return performance.now() - started;
}

/** A body of the satellite, with a spool that is full and one that is not, and what was measured of it. */
interface Body {
  readonly name: string;
  readonly program: string;
  readonly boxes: Readonly<Record<'many' | 'few', Box>>;
  readonly rates: number[];
  readonly cpuMs: number[];
  readonly peaks: Readonly<Record<'many' | 'few', number[]>>;
  readonly times: Readonly<Record<'many' | 'few', number[]>>;
}

function makeBody(name: string, program: string): Body {
  return {
    name,
    program,
    boxes: { many: makeBox(), few: makeBox() },
    rates: [],
    cpuMs: [],
    peaks: { many: [], few: [] },
    times: { many: [], few: [] },
  };
}

interface Counts {
  readonly many: number;
  readonly few: number;
  readonly connections: number;
  /** Before each turn: what the last one gave the disk is to be digested by then. */
  readonly pauseMs: number;
}

async function measure(bodies: readonly Body[], server: Server, counts: Counts): Promise<void> {
  const { port, recipient } = server;
  const gone = await unusedPort();
  for (const { boxes } of bodies) {
    for (const name of names) {
      fill(boxes[name], counts[name], recipient);
      boxes[name].point(gone);
    }
  }
  // By turns: a disk that is busy for a while is so for all.
  for (let count = 0; count < submissions; count += 1) {
    for (const { program, boxes, times } of bodies) {
      for (const name of names) times[name].push(keep(boxes[name], program));
    }
  }
  for (const { program, boxes, rates, cpuMs, peaks } of bodies) {
    for (const name of names) {
      boxes[name].point(port);
      spawnSync('sync');
      await pause(counts.pauseMs);
      const flushed = await flush(boxes[name], program, counts.connections);
      peaks[name].push(flushed.peakMb);
      if (name === 'few') continue;
      const messages = counts.many + submissions;
      rates.push(messages / flushed.seconds);
      cpuMs.push(flushed.cpuMs / messages);
    }
  }
}

function measuredOf(bodies: readonly Body[], source: readonly number[], { few, connections }: Counts) {
  const full = bodies.map(({ name, program, rates, cpuMs, peaks, times }): Measured => {
    const share = rates.map((rate, round) => rate / (source[round] ?? rate));
    return {
      name,
      figures: {
        [`${connections} connections, messages/s`]: median(rates),
        "of qmqp-source's rate": median(share),
        'CPU ms a message': median(cpuMs),
        'peak resident MB': median(peaks.many),
        'sendmail into the spool, ms': median(times.many),
      },
      commands: [`${basename(program)} qmail-flush --now --parallel ${connections}`],
    };
  });
  const others = bodies.map(
    ({ name, peaks, times }): Measured => ({
      name: `${few} waiting${name.slice('ours'.length)}`,
      figures: {
        'peak resident MB': median(peaks.few),
        'sendmail into the spool, ms': median(times.few),
      },
      commands: [],
    }),
  );
  return { full, others };
}

export async function flushCase(options: BenchOptions): Promise<BenchResult> {
  const many = options.messages === undefined ? waitingMany : Math.max(options.messages, quickMany);
  const counts: Counts = {
    many,
    few: Math.min(waitingFew, many / 2),
    connections: options.connections.at(-1) ?? 1,
    pauseMs: options.pauseMs,
  };
  const running = await startAll([ourHub({ concurrencylocal: '0\n' })]);
  const bodies = [makeBody('ours', builtExecutable('mini-qmail-satellite'))];
  if (existsSync(tinyExecutable)) bodies.push(makeBody('ours, native', tinyExecutable));
  const source: number[] = [];
  try {
    const server = running[0]?.server;
    if (server === undefined) throw new Error('there is no hub');
    const { recipient, port } = server;
    const load = { recipient, connections: counts.connections, messages: Math.min(many, 20_000), sizeBytes };
    await runLoad({ ...load, messages: counts.few }, port);
    for (let round = 0; round < options.rounds; round += 1) {
      options.say(`filling spools with ${many} messages`);
      await measure(bodies, server, counts);
      spawnSync('sync');
      await pause(options.pauseMs);
      source.push(load.messages / (await runLoad(load, port)));
      const rates = bodies.map(({ name, rates: all }) => `${name} ${all.at(-1)?.toFixed(0)}`).join(', ');
      options.say(`messages/s: ${rates}, qmqp-source ${source.at(-1)?.toFixed(0)}`);
    }
    const { full, others } = measuredOf(bodies, source, counts);
    const figures = { [`${counts.connections} connections, messages/s`]: median(source) };
    const peer = { name: 'qmqp-source', figures, commands: [loadCommand(load)] };
    return resultOf('flush', [...full, peer, ...others]);
  } finally {
    for (const { boxes } of bodies) for (const box of Object.values(boxes)) box.remove();
    await stopAll(running);
  }
}
