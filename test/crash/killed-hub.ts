/**
 * A hub that is killed again and again while messages come in. Every message that got a K must be in the Maildir at the
 * end, and each file whole. A message may be there twice when the kill fell between a delivery and its record; what
 * was recorded is never tried again.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { errorText } from '../../src/system/index.ts';
import { emptyQueue, localAddress, portOf, startBuiltHub } from '../support/built-hub.ts';
import { hubHome } from '../support/hub-home.ts';
import { numberedMessage, numberOf } from '../support/numbered-message.ts';
import { qmqpRequest, submitRequest } from '../support/qmqp-peer.ts';

export interface KilledHub {
  readonly kills: number;
  readonly submitters: number;
}

const killMsMin = 20;
const killMsMax = 300;

/** Each so many kills, one counts from the start of the process, so that it also falls into the work of a start. */
const startKillEvery = 5;

const drainMsMax = 120_000;

interface Run {
  readonly home: string;
  /** Messages that were sent, and those that got a K. */
  sent: number;
  readonly accepted: Set<number>;
  /** What all hubs logged, in order. */
  readonly log: string[];
  /** Where the hub listens that runs now; the next one's port while none does. */
  port: PromiseWithResolvers<number>;
  finished: boolean;
}

function killMs(): number {
  return killMsMin + Math.random() * (killMsMax - killMsMin);
}

/** Sends one message after the other to whatever hub runs. */
async function submitMessages(run: Run): Promise<void> {
  for (let port = await run.port.promise; !run.finished; port = await run.port.promise) {
    run.sent += 1;
    const { number, text } = numberedMessage(run.sent);
    try {
      const reply = await submitRequest(port, qmqpRequest(text, 'sender@satellite.test', localAddress));
      if (/^\d+:K.*,$/.test(reply)) run.accepted.add(number);
    } catch {
      // Nobody listens on that port any more: the hub was killed, and the next one has another.
      await pause(1);
    }
  }
}

/** Lets a hub listen for a while and kills it. */
async function killListening(run: Run): Promise<void> {
  const hub = await startBuiltHub({ home: run.home });
  run.port.resolve(portOf(hub));
  await pause(killMs());
  run.port = Promise.withResolvers();
  hub.signal('SIGKILL');
  assert.equal(await hub.ended, 'SIGKILL');
  run.log.push(...hub.lines);
}

/** Kills a hub so long after its start, whatever it does then. */
async function killStarting(run: Run): Promise<void> {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const onStart = (pid: number) => {
    setTimeout(() => {
      process.kill(pid, 'SIGKILL');
      resolve();
    }, killMs() / 2);
  };
  const lines = await startBuiltHub({ home: run.home, onStart }).then(
    (hub) => hub.ended.then(() => hub.lines),
    (error: unknown) => errorText(error).split('\n'),
  );
  await ended;
  run.log.push(...lines);
}

/** How often each message was delivered. */
function deliveries(paths: readonly string[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const path of paths) {
    const number = numberOf(readFileSync(path, 'latin1'));
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  return counts;
}

/** Deliveries that began after the message was recorded as finished. */
function triedAgain(log: readonly string[]): readonly string[] {
  const finished = new Set<string>();
  const found: string[] = [];
  for (const line of log) {
    const end = /^end msg (\d+)$/.exec(line)?.[1];
    if (end !== undefined) finished.add(end);
    const begun = /^starting delivery \d+: msg (\d+) /.exec(line)?.[1];
    if (begun !== undefined && finished.has(begun)) found.push(line);
  }
  return found;
}

export async function killedHub(context: TestContext, { kills, submitters }: KilledHub): Promise<void> {
  const run: Run = {
    home: hubHome(),
    sent: 0,
    accepted: new Set(),
    log: [],
    port: Promise.withResolvers(),
    finished: false,
  };
  const submitting = Array.from({ length: submitters }, () => submitMessages(run));
  for (let kill = 1; kill <= kills; kill += 1) {
    await (kill % startKillEvery === 0 ? killStarting(run) : killListening(run));
  }

  run.finished = true;
  const hub = await startBuiltHub({ home: run.home });
  run.port.resolve(portOf(hub));
  await Promise.all(submitting);
  await emptyQueue(run.home, drainMsMax);
  assert.equal(await hub.stop(), 0);
  run.log.push(...hub.lines);

  const delivered = deliveries(hub.delivered());
  const lost = [...run.accepted].filter((number) => !delivered.has(number));
  assert.deepEqual(lost, [], `${lost.length} messages that got a K are lost`);
  assert.deepEqual(triedAgain(run.log), []);
  const twice = [...delivered.values()].reduce((sum, count) => sum + count - 1, 0);
  const unanswered = [...delivered.keys()].filter((number) => !run.accepted.has(number)).length;
  context.diagnostic(
    `${kills} kills, ${run.sent} messages sent, ${run.accepted.size} of them got a K and were delivered; ` +
      `${unanswered} more were delivered without an answer; ${twice} files are duplicates`,
  );
}
