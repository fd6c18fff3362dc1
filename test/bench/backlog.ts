/**
 * What a long queue costs: everything that a hub does at once, with 1,000,000 messages waiting beside 1,000. They have
 * been tried once and wait for their next attempts, later, in the store of a hub that starts anew.
 */
import { spawnSync } from 'node:child_process';
import { builtExecutable } from '../support/executables.ts';
import { qmqpPeer, qmqpRequest } from '../support/qmqp-peer.ts';
import { memoryOf } from './cost.ts';
import { fillStore } from './fill-store.ts';
import { type Hub, type HubHome, makeHome, startHub } from './hub.ts';
import { tailLog } from './log-tail.ts';
import type { BenchOptions } from './options.ts';
import { type BenchResult, type Figures, type Measured, resultOf } from './result.ts';
import { median, runRounds } from './rounds.ts';

const waitingMany = 1_000_000;
const waitingFew = 1000;

/** How many are waiting in a quick run. */
const quickMany = 20_000;

const sizeBytes = 1000;
const submissions = 200;
const questions = 5;

const hourMs = 3_600_000;
const destinations = 5000;

interface Subject {
  readonly name: string;
  readonly waiting: number;
  readonly home: HubHome;
}

/** A queue with so many messages in it, to be tried again between one hour from now and a day from now. */
function prepare(name: string, waiting: number): Subject {
  const home = makeHome();
  const nowMs = Date.now();
  fillStore(home.queue, {
    messages: waiting,
    sizeBytes,
    recipient: (message) => `user@host${message % destinations}.elsewhere.example`,
    oldestMs: 24 * hourMs,
    dueMs: (message) => nowMs + hourMs + Math.floor((23 * hourMs * message) / waiting),
    nowMs,
  });
  return { name, waiting, home };
}

/** Adds a message that can be delivered at once. */
function addFresh({ home }: Subject): void {
  const nowMs = Date.now();
  const recipient = () => 'you@hub.example';
  fillStore(home.queue, { messages: 1, sizeBytes, recipient, oldestMs: 0, nowMs });
  home.own();
}

let submitted = 0;

/** Milliseconds until a message is accepted. */
async function accept({ port }: Hub): Promise<number> {
  submitted += 1;
  const message = `Message-ID: <${submitted}.${process.pid}@client.example>\n\n`.padEnd(sizeBytes, 'Well. ');
  const request = qmqpRequest(message, 'sender@client.example', 'user@other.elsewhere.example');
  const started = performance.now();
  const peer = await qmqpPeer(port);
  peer.send(request);
  const reply = await peer.reply;
  if (!reply.includes(':K')) throw new Error(`the hub answered ${JSON.stringify(reply)}`);
  return performance.now() - started;
}

/** Milliseconds that qmail-qstat takes, as a process. */
function ask({ home, waiting }: Subject): number {
  const started = performance.now();
  const env = { PATH: process.env['PATH'] ?? '', QMAILHOME: home.path };
  const { stdout, stderr } = spawnSync(builtExecutable('mini-qmail'), ['qmail-qstat'], {
    env,
    encoding: 'utf8',
  });
  const counted = Number(/^messages in queue: (\d+)/.exec(stdout)?.[1]);
  if (!(counted >= waiting)) throw new Error(`qmail-qstat: ${stdout}${stderr}`);
  return performance.now() - started;
}

/** One start of a hub on its queue. */
async function turn(subject: Subject): Promise<Figures> {
  addFresh(subject);
  const started = performance.now();
  const hub = await startHub({ home: subject.home });
  const log = tailLog(hub.logPath);
  try {
    // Nothing else is due.
    await log.next('a delivery', (line) => (/^delivery \d+: success/.test(line) ? true : undefined));
    const startMs = performance.now() - started;
    const accepts: number[] = [];
    for (let count = 0; count < submissions; count += 1) accepts.push(await accept(hub));
    const { peakMb, privateMb } = memoryOf(hub.pid);
    const asks = Array.from({ length: questions }, () => ask(subject));
    return {
      'start to first delivery, ms': startMs,
      'accept one message, ms': median(accepts),
      'qmail-qstat, ms': median(asks),
      'peak resident MB': peakMb,
      'private MB': privateMb,
    };
  } finally {
    log.close();
    await hub.stop();
  }
}

function medians(turns: readonly Figures[]): Figures {
  const names = Object.keys(turns[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, median(turns.map((figures) => figures[name] ?? 0))]));
}

export async function backlog(options: BenchOptions): Promise<BenchResult> {
  const many = options.messages === undefined ? waitingMany : Math.max(options.messages, quickMany);
  const subjects: Subject[] = [];
  try {
    for (const [name, waiting] of [
      ['ours', many],
      [`${waitingFew} waiting`, waitingFew],
    ] as const) {
      options.say(`filling a queue with ${waiting} messages`);
      subjects.push(prepare(name, waiting));
    }
    const turns = await runRounds(subjects, options, turn);
    return resultOf(
      'backlog',
      [...turns].map(([{ name, waiting }, figures]): Measured => {
        options.say(`${waiting} waiting: ${figures.map((each) => JSON.stringify(each)).join(' ')}`);
        return {
          name,
          figures: medians(figures),
          commands: ['mini-qmail qmail-start --embedded', 'mini-qmail qmail-qstat'],
        };
      }),
    );
  } finally {
    for (const { home } of subjects) home.remove();
  }
}
