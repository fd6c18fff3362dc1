/**
 * What a full spool costs: the rate at which a flush empties it, beside that at which the same hub accepts from
 * qmqp-source over as many connections; the memory of the flush, and what sendmail takes to keep one message more, beside
 * those of a spool with few messages.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatPackage } from '../../qmqp/index.ts';
import { formatEntryName } from '../../src/satellite/entry-name.ts';
import { bytesOf, concatBytes } from '../../src/system/index.ts';
import { builtExecutable } from '../support/executables.ts';
import { unusedPort } from '../support/unused-port.ts';
import { memoryOf } from './cost.ts';
import { loadCommand, runLoad, sender } from './load.ts';
import type { BenchOptions } from './options.ts';
import { type BenchResult, resultOf } from './result.ts';
import { median } from './rounds.ts';
import { ourHub, startAll, stopAll } from './subjects.ts';

const waitingMany = 100_000;
const waitingFew = 1000;

/** How many wait in a quick run. */
const quickMany = 2000;

const names = ['many', 'few'] as const;

const sizeBytes = 1000;
const submissions = 9;
const memoryMs = 20;

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
}

async function flush({ home, waiting }: Box, connections: number): Promise<Flushed> {
  const started = performance.now();
  const args = ['qmail-flush', '--now', '--parallel', String(connections)];
  const child = spawn(builtExecutable('mini-qmail-satellite'), args, {
    env: { QMAILHOME: home, PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  let peakMb = 0;
  const looking = setInterval(() => {
    try {
      peakMb = Math.max(peakMb, memoryOf(child.pid ?? 0).peakMb);
    } catch {
      // It has just ended.
    }
  }, memoryMs);
  const [code] = await once(child, 'close');
  clearInterval(looking);
  if (code !== 0 || waiting() > 0) throw new Error(`qmail-flush ended with ${code}; ${waiting()} wait`);
  return { seconds: (performance.now() - started) / 1000, peakMb };
}

/** Milliseconds that sendmail takes to keep a message, when no hub is there. */
function keep({ home }: Box): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(
    builtExecutable('mini-qmail-satellite'),
    ['sendmail', 'you@hub.example'],
    {
      env: { QMAILHOME: home },
      input: 'Subject: cron\n\nall is well\n',
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`sendmail ended with ${status}: ${stderr}`);
  return performance.now() - started;
}

export async function flushCase(options: BenchOptions): Promise<BenchResult> {
  const many = options.messages === undefined ? waitingMany : Math.max(options.messages, quickMany);
  const few = Math.min(waitingFew, many / 2);
  const connections = options.connections.at(-1) ?? 1;
  const running = await startAll([ourHub({ concurrencylocal: '0\n' })]);
  const boxes = { many: makeBox(), few: makeBox() };
  const rates = { flush: [] as number[], source: [] as number[] };
  const peaks = { many: [] as number[], few: [] as number[] };
  const times = { many: [] as number[], few: [] as number[] };
  const [hub] = running;
  try {
    if (hub === undefined) throw new Error('there is no hub');
    const { port, recipient } = hub.server;
    const gone = await unusedPort();
    const load = { recipient, connections, messages: Math.min(many, 20_000), sizeBytes };
    await runLoad({ ...load, messages: few }, port);
    for (let round = 0; round < options.rounds; round += 1) {
      options.say(`filling a spool with ${many} messages`);
      fill(boxes.many, many, recipient);
      fill(boxes.few, few, recipient);
      // What lies in memory only would be written in the middle of what is measured.
      spawnSync('sync');
      // By turns: a disk that is busy for a while is so for both.
      for (const name of names) boxes[name].point(gone);
      for (let count = 0; count < submissions; count += 1) {
        for (const name of names) times[name].push(keep(boxes[name]));
      }
      for (const name of names) {
        boxes[name].point(port);
        const { seconds, peakMb } = await flush(boxes[name], connections);
        peaks[name].push(peakMb);
        if (name === 'many') rates.flush.push((many + submissions) / seconds);
      }
      rates.source.push(load.messages / (await runLoad(load, port)));
      options.say(
        `messages/s: flush ${rates.flush.at(-1)?.toFixed(0)}, qmqp-source ${rates.source.at(-1)?.toFixed(0)}`,
      );
    }
    const rate = `${connections} connections, messages/s`;
    return resultOf('flush', [
      {
        name: 'ours',
        figures: {
          [rate]: median(rates.flush),
          'peak resident MB': median(peaks.many),
          'sendmail into the spool, ms': median(times.many),
        },
        commands: [`mini-qmail-satellite qmail-flush --now --parallel ${connections}`],
      },
      { name: 'qmqp-source', figures: { [rate]: median(rates.source) }, commands: [loadCommand(load)] },
      {
        name: `${few} waiting`,
        figures: {
          'peak resident MB': median(peaks.few),
          'sendmail into the spool, ms': median(times.few),
        },
        commands: [],
      },
    ]);
  } finally {
    for (const box of Object.values(boxes)) box.remove();
    await stopAll(running);
  }
}
