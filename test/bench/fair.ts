/**
 * How long one message of one host takes while another host floods: from the first byte of its submission until it is
 * in the mailbox, beside the same on an idle hub.
 */
import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { qmqpPeer, qmqpRequest } from '../support/qmqp-peer.ts';
import { floodProgram } from './flood.ts';
import { type Hub, startHub } from './hub.ts';
import { deliveryOf, type LogTail, tailLog } from './log-tail.ts';
import type { BenchOptions } from './options.ts';
import { type BenchResult, type Figures, resultOf } from './result.ts';
import { median } from './rounds.ts';

/** Hosts are told apart by their addresses. */
const floodingHost = '127.0.0.2';
const quietHost = '127.0.0.3';

const messagesDefault = 20_000;

/** Fewer are no flood. */
const messagesMin = 1000;
const connections = 50;
const sizeBytes = 1000;

/** Messages of the quiet host that are measured on an idle hub, and the pause after each. */
const idleProbes = 20;
const probePauseMs = 50;

/** What must hold while the other host floods: the longer of the two. */
export const boundMs = 2000;
export const boundIdleTimes = 5;

const run = promisify(execFile);
let probes = 0;

/** Milliseconds from the submission of one message until its delivery. */
async function probe({ port }: Hub, log: LogTail): Promise<number> {
  probes += 1;
  const sender = `probe-${probes}@quiet.example`;
  const started = performance.now();
  const peer = await qmqpPeer(port, '127.0.0.1', quietHost);
  peer.send(qmqpRequest(`Message-ID: <${sender}>\n\nHelp!\n`, sender, 'admin@hub.example'));
  const reply = await peer.reply;
  if (!reply.includes(':K')) throw new Error(`the hub answered ${JSON.stringify(reply)}`);
  await deliveryOf(log, sender);
  return performance.now() - started;
}

/** At least one. */
async function probeUntil(hub: Hub, log: LogTail, done: () => boolean): Promise<readonly number[]> {
  const times: number[] = [];
  do {
    times.push(await probe(hub, log));
    await pause(probePauseMs);
  } while (!done());
  return times;
}

function figuresOf(times: readonly number[]): Figures {
  return { 'median ms': median(times), 'worst ms': Math.max(...times) };
}

export async function fair(options: BenchOptions): Promise<BenchResult> {
  const messages = Math.max(options.messages ?? messagesDefault, messagesMin);
  const hub = await startHub();
  const log = tailLog(hub.logPath);
  try {
    let left = idleProbes;
    const idle = await probeUntil(hub, log, () => {
      left -= 1;
      return left === 0;
    });
    const args = [floodProgram, hub.port, floodingHost, messages, connections, sizeBytes].map(String);
    let flooding = true;
    const flood = run(process.execPath, args).finally(() => {
      flooding = false;
    });
    const during = await probeUntil(hub, log, () => !flooding);
    const seconds = Number((await flood).stdout);
    const waiting = messages + idle.length + during.length - hub.delivered();
    // The flood is in, and most of it waits for its deliveries.
    const after = await probeUntil(hub, log, () => hub.delivered() >= messages + idle.length + during.length);
    options.say(
      `${messages} messages in ${seconds} s, ${waiting} of them waited when the last was in; ${during.length} and ${after.length} messages of another host meanwhile`,
    );
    const accepted = { 'flood accepted, messages/s': messages / seconds };
    return resultOf('fair', [
      {
        name: 'ours',
        figures: { ...figuresOf([...during, ...after]), ...accepted },
        commands: [hub.command],
      },
      { name: 'idle', figures: figuresOf(idle), commands: [] },
    ]);
  } finally {
    log.close();
    await hub.stop();
  }
}
