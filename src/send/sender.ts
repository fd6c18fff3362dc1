/**
 * qmail-send's duty: start what is due, as many at once as concurrency allows, and record what became of it. Only
 * recipients that are being tried or are next in line are in memory; everything else stays in the store.
 */

import type { QueuedMessage, QueuedRecipient, Store } from '../queue/index.ts';
import { type Answer, type ByteString, errorText } from '../system/index.ts';
import { addressText, deliveryLine, type Log } from './log.ts';
import { type Channel, nextAttemptMs } from './retry.ts';
import { type Route, type Routes, route } from './route.ts';

/** Recipients in memory that wait for their turn. */
const readyMax = 2000;

/** Recipients that one look into the store brings. */
const refillCount = 500;

/** How long a wait for the next due time may be, in case the clock is set. */
const waitMsMax = 60_000;

/** A store that cannot record what was done is asked again after this, and twice as long each time. */
const recordRetryMs = 250;
const recordRetryMsMax = 5_000;

/** One recipient to deliver to. */
export interface Job {
  readonly message: QueuedMessage;
  readonly recipient: QueuedRecipient;
  /** The recipient after rewriting. */
  readonly address: ByteString;
}

/** Carries out a job. Rejections count as temporary failures. */
export type Deliver = (job: Job) => Promise<Answer>;

export interface SenderOptions {
  readonly store: Store;
  readonly routes: () => Routes;
  readonly deliverLocally: Deliver;
  readonly deliverRemotely: Deliver;
  readonly concurrencyLocal: number;
  readonly concurrencyRemote: number;
  readonly log: Log;
  /** The uid that the log names for a message's caller. */
  readonly uidOf: (caller: string) => string;
  readonly now: () => number;
}

export interface Sender {
  /** A message was accepted. */
  accepted(message: QueuedMessage, recipients: readonly QueuedRecipient[]): void;
  /** Begins with what the store holds. */
  start(): void;
  /** Starts nothing more and resolves when what runs is finished and recorded. */
  stop(): Promise<void>;
}

interface Ready {
  readonly recipient: QueuedRecipient;
  readonly message: QueuedMessage | undefined;
}

export function createSender(options: SenderOptions): Sender {
  const { store, log, now } = options;
  const limits = { local: options.concurrencyLocal, remote: options.concurrencyRemote };
  const running = { local: 0, remote: 0 };
  /** Deliveries that were done and that a full disk keeps from being recorded; they hold their places. */
  const unrecorded = { local: 0, remote: 0 };
  /** Recipients in memory: ready, being tried, or being recorded. */
  const inMemory = new Set<number>();
  let ready: Ready[] = [];
  let nextReady = 0;
  /** Whether the store may hold due recipients that are not in memory. */
  let behind = true;
  let timer: NodeJS.Timeout | undefined;
  let timerDueMs = Number.POSITIVE_INFINITY;
  let deliveries = 0;
  let started = false;
  let stopping: (() => void) | undefined;

  function status(): void {
    const exiting = stopping === undefined ? '' : ' exitasap';
    log(`status: local ${running.local}/${limits.local} remote ${running.remote}/${limits.remote}${exiting}`);
  }

  function addReady(recipient: QueuedRecipient, message?: QueuedMessage): void {
    inMemory.add(recipient.id);
    ready.push({ recipient, message });
  }

  function waiting(): number {
    return ready.length - nextReady;
  }

  /** Looks into the store again at `dueMs`, unless it will do so before. */
  function wakeAt(dueMs: number): void {
    if (dueMs >= timerDueMs || stopping !== undefined) return;
    clearTimeout(timer);
    timerDueMs = dueMs;
    const wake = () => {
      timerDueMs = Number.POSITIVE_INFINITY;
      behind = true;
      pump();
    };
    timer = setTimeout(wake, Math.min(Math.max(dueMs - now(), 0), waitMsMax));
  }

  /** Brings due recipients from the store. What is due later is left there, and the clock is set for the first. */
  function refill(): void {
    const nowMs = now();
    const limit = inMemory.size + refillCount;
    const found = store.due(nowMs, limit);
    behind = found.length === limit;
    for (const recipient of found) if (!inMemory.has(recipient.id)) addReady(recipient);
    const nextMs = behind ? undefined : store.nextDueMs(nowMs);
    if (nextMs !== undefined) wakeAt(nextMs);
  }

  function takeReady(): Ready | undefined {
    const entry = ready[nextReady];
    if (entry === undefined) return undefined;
    nextReady += 1;
    if (nextReady === ready.length) {
      ready = [];
      nextReady = 0;
    }
    return entry;
  }

  function hasPlace(channel: Channel): boolean {
    return running[channel] + unrecorded[channel] < limits[channel];
  }

  function pump(): void {
    if (!started || stopping !== undefined) return;
    while (hasPlace('local') && hasPlace('remote')) {
      if (waiting() === 0 && behind) refill();
      const entry = takeReady();
      if (entry === undefined) return;
      const message = entry.message ?? store.message(entry.recipient.messageId);
      if (message === undefined) inMemory.delete(entry.recipient.id);
      else attempt(message, entry.recipient, route(options.routes(), entry.recipient.address));
    }
  }

  /** Bounces are not written yet: what would fail for good stays in the queue, with its reason. */
  async function carryOut(job: Job, { channel }: Route): Promise<Answer> {
    try {
      const answer = await (channel === 'local' ? options.deliverLocally(job) : options.deliverRemotely(job));
      return answer.verdict === 'D' ? { ...answer, verdict: 'Z' } : answer;
    } catch (error) {
      return { verdict: 'Z', text: `${errorText(error)} (#4.3.0)` };
    }
  }

  function attempt(message: QueuedMessage, recipient: QueuedRecipient, to: Route): void {
    deliveries += 1;
    const delivery = deliveries;
    running[to.channel] += 1;
    log(`starting delivery ${delivery}: msg ${message.id} to ${to.channel} ${addressText(to.address)}`);
    status();
    const job: Job = { message, recipient, address: to.address };
    carryOut(job, to).then((answer) => {
      log(deliveryLine(delivery, answer));
      running[to.channel] -= 1;
      status();
      record(job, to, answer, 0);
      pump();
    });
  }

  /**
   * What was done is recorded, however long the disk is full: until then the recipient stays in memory and is not
   * tried again. Not much is begun meanwhile, since all that a crash finds unrecorded is delivered twice.
   */
  function record(job: Job, to: Route, answer: Answer, failures: number): void {
    const { message, recipient } = job;
    const dueMs = nextAttemptMs(message.birthMs, now(), to.channel);
    const written =
      answer.verdict === 'K'
        ? store.settle(recipient)
        : store
            .defer(recipient, { attempts: recipient.attempts + 1, dueMs, report: answer.text })
            .then(() => false);
    written.then(
      (finished) => {
        if (failures > 0) unrecorded[to.channel] -= 1;
        if (finished) log(`end msg ${message.id}`);
        forget(recipient);
        if (answer.verdict !== 'K') wakeAt(dueMs);
        if (failures > 0) pump();
      },
      (error: unknown) => {
        log(`warning: unable to record a delivery of msg ${message.id}: ${errorText(error)}; will try again`);
        if (failures === 0) unrecorded[to.channel] += 1;
        if (stopping !== undefined) forget(recipient);
        else {
          const waitMs = Math.min(recordRetryMs * 2 ** failures, recordRetryMsMax);
          setTimeout(() => record(job, to, answer, failures + 1), waitMs);
        }
      },
    );
  }

  function forget(recipient: QueuedRecipient): void {
    inMemory.delete(recipient.id);
    if (stopping !== undefined) finishStop();
  }

  function finishStop(): void {
    if (inMemory.size > 0) return;
    log('status: exiting');
    stopping?.();
  }

  return {
    accepted(message, recipients) {
      const sender = addressText(message.sender);
      log(`new msg ${message.id}`);
      log(
        `info msg ${message.id}: bytes ${message.sizeBytes} from <${sender}> qp ${message.id} uid ${options.uidOf(message.caller)}`,
      );
      if (recipients.length === 0) log(`end msg ${message.id}`);
      for (const recipient of recipients) {
        if (waiting() < readyMax) addReady(recipient, message);
        else behind = true;
      }
      pump();
    },
    start() {
      started = true;
      status();
      pump();
    },
    stop() {
      return new Promise((resolve) => {
        stopping = resolve;
        clearTimeout(timer);
        for (let entry = takeReady(); entry !== undefined; entry = takeReady()) {
          inMemory.delete(entry.recipient.id);
        }
        finishStop();
      });
    },
  };
}
