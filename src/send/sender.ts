/**
 * qmail-send's duty: start what is due, as many at once as concurrency allows, and record what became of it. Only
 * recipients that are being tried or are next in line are in memory; everything else stays in the store.
 */
import {
  type AttemptRecord,
  type Postponement,
  type Progress,
  type QueuedMessage,
  type QueuedRecipient,
  recipientsTogether,
} from '../queue/index.ts';
import { type Answer, errorText } from '../system/index.ts';
import { createBacklog } from './backlog.ts';
import { createBounceQueue } from './bounce-queue.ts';
import { concurrencyLimit, deliveriesDone, deliveriesRunning, deliverySeconds } from './delivery-metrics.ts';
import { destinationOf } from './destination-of.ts';
import { createDestinations } from './destinations.ts';
import type { Next } from './fresh-line.ts';
import type { Job } from './job.ts';
import { createOrders, type Orders } from './orders.ts';
import { createRecorder } from './recorder.ts';
import { type Channel, channels, isTooOld, lastAnswer, nextAttemptMs } from './retry.ts';
import { type Route, route } from './route.ts';
import type { SenderOptions } from './sender-options.ts';
import { createSharedPlaces, type SharedPlace } from './shared-places.ts';
import { senderFor } from './verp.ts';

/** How long a wait for the next due time may be, in case the clock is set. */
const waitMsMax = 60_000;

/**
 * Places that a domain may have at once before it has shown what it takes. A user of this host may have all, a place for
 * each delivery.
 */
const remoteStart = 5;

/** Recipients, besides those that are being tried, that may wait for the store to record what became of them. */
const unrecordedMax = 500;

/** When the store cannot be read, it is tried again after this, and twice as long each time. */
const rereadMsMin = 1_000;
const rereadMsMax = 60_000;

/** Recipients that one order to retry everything makes due in one transaction. */
const hastenCount = 500;

export interface Sender {
  /** A message was accepted. */
  accepted(message: QueuedMessage, recipients: readonly QueuedRecipient[]): void;
  /** Begins with what the store holds. */
  start(): void;
  /** Everything that waits is due now. Answers for how many that is new; rejects when it ends early. */
  retryNow(): Promise<number>;
  /** Carries out an operator's order. Answers whether it changed anything, or will when an attempt is over. */
  readonly steer: Orders['steer'];
  /** The settings have changed. */
  wake(): void;
  /** Starts nothing more and resolves when what runs is finished and recorded. */
  stop(): Promise<void>;
}

export function createSender(options: SenderOptions): Sender {
  const { store, ranks, settings, report, now } = options;
  const running = { local: 0, remote: 0 };
  const share = (channel: Channel) => () => Math.max(settings().concurrency[channel], 1);
  const destinations = {
    local: createDestinations(Number.POSITIVE_INFINITY, share('local')),
    remote: createDestinations(remoteStart, share('remote')),
  };
  const places = {
    local: createSharedPlaces(destinations.local, 1),
    remote: createSharedPlaces(destinations.remote, recipientsTogether),
  };
  const routeOf = ({ address }: QueuedRecipient) => route(settings().routes, address);
  const backlog = createBacklog(
    store,
    (recipient) => routeOf(recipient).channel,
    (recipient) => destinationOf(routeOf(recipient)),
  );
  const recorder = createRecorder({ onProblem: (text) => report({ event: 'warning', text }) });
  const bounces = createBounceQueue({
    store,
    write: options.bounce,
    onProblem: (text) => report({ event: 'warning', text }),
  });
  const orders = createOrders({
    store,
    recorder,
    isTaken: backlog.isTaken,
    withhold: backlog.withhold,
    allow(recipient) {
      backlog.allow(recipient);
      pumpSoon();
    },
    now,
    onChanged(message, recipient, progress, dueMs) {
      backlog.outdate(recipient, dueMs);
      progressed(message, progress);
      pumpSoon();
    },
  });
  let postponed: Postponement[] = [];
  let timer: NodeJS.Timeout | undefined;
  let pumping: NodeJS.Immediate | undefined;
  let deliveries = 0;
  let started = false;
  let stopping: (() => void) | undefined;
  let rereadMs = rereadMsMin;
  let blind = false;
  // The order of first attempts goes on where the store's first one stands.
  ranks.serve(store.fresh({ order: -1, id: -1 }, 1)[0]?.rank ?? 0);

  function status(): void {
    const limits = settings().concurrency;
    for (const channel of channels) {
      deliveriesRunning.with({ channel }).set(running[channel]);
      concurrencyLimit.with({ channel }).set(limits[channel]);
    }
    report({ event: 'status', status: { running: { ...running }, limits, exiting: stopping !== undefined } });
  }

  /** Whether so much waits to be recorded, or it cannot be, that nothing new may begin: a record goes on from there. */
  function isBehind(): boolean {
    return recorder.troubled || backlog.taken >= running.local + running.remote + unrecordedMax;
  }

  /** Sets the clock for the next look into the store. */
  function sleep(): void {
    clearTimeout(timer);
    if (stopping !== undefined || isBehind()) return;
    let wakeMs: number | undefined;
    for (const channel of channels) {
      const lookMs = backlog.nextLookMs(channel);
      // A full channel goes on when one of its deliveries ends.
      if (lookMs === undefined || running[channel] >= settings().concurrency[channel]) continue;
      wakeMs = Math.min(wakeMs ?? lookMs, lookMs);
    }
    if (wakeMs === undefined) return;
    timer = setTimeout(pump, Math.min(Math.max(wakeMs - now(), 0), waitMsMax));
  }

  function pump(): void {
    if (!started || blind || stopping !== undefined) return;
    try {
      try {
        for (const channel of channels) fill(channel);
      } finally {
        for (const channel of channels) places[channel].endTurn();
        backlog.endTurn();
        recordPostponed();
      }
      rereadMs = rereadMsMin;
      sleep();
    } catch (error) {
      report({ event: 'alert', text: `unable to read the queue: ${errorText(error)}; will try again` });
      clearTimeout(timer);
      blind = true;
      timer = setTimeout(lookAgain, rereadMs);
      rereadMs = Math.min(rereadMs * 2, rereadMsMax);
    }
  }

  function lookAgain(): void {
    blind = false;
    pump();
  }

  /** Once for all that one turn of the event loop brings: to look through a long queue takes many turns, and must. */
  function pumpSoon(): void {
    if (pumping !== undefined) return;
    pumping = setImmediate(() => {
      pumping = undefined;
      pump();
    });
  }

  function fill(channel: Channel): void {
    while (running[channel] < settings().concurrency[channel] && !isBehind()) {
      const next = backlog.take(channel, now());
      if (next === undefined) return;
      begin(next, channel);
    }
  }

  /** Gives a recipient back that was taken in vain. */
  function giveBack(recipient: QueuedRecipient): void {
    backlog.release(recipient);
    backlog.lookAgain();
  }

  function messageOf({ recipient, message }: Next): QueuedMessage | undefined {
    try {
      return message ?? store.message(recipient.messageId);
    } catch (error) {
      giveBack(recipient);
      throw error;
    }
  }

  function begin(next: Next, channel: Channel): void {
    const { recipient } = next;
    const message = messageOf(next);
    const to = routeOf(recipient);
    if (message === undefined) {
      backlog.release(recipient);
    } else if (to.channel !== channel) {
      giveBack(recipient);
    } else {
      const nowMs = now();
      const isTried = recipient.attempts > 0;
      const isLast = isTooOld(message.birthMs, nowMs, settings().queueLifetimeMs);
      const asking = { host: message.host, isOnlyOne: isLast && !isTried };
      const admission = places[channel].admit(destinationOf(to), message.id, nowMs, asking);
      if (admission.admitted) {
        if (next.isAhead !== true) ranks.serve(recipient.rank);
        attempt(message, recipient, to, admission.place);
      } else if (isLast && isTried && admission.isDead) giveUp(message, recipient, to);
      else postpone(recipient, admission.untilMs);
    }
  }

  /** The destination takes no more now: the recipient waits in the store and has not been tried. */
  function postpone(recipient: QueuedRecipient, dueMs: number): void {
    postponed.push({ recipient, dueMs });
  }

  /** Records them together. */
  function recordPostponed(): void {
    if (postponed.length === 0) return;
    const together = postponed;
    postponed = [];
    const whom = together.map(({ recipient }) => recipient);
    recorder
      .record('a postponement', whom, () => store.postpone(together))
      .then(() => {
        for (const { recipient, dueMs } of together) deferred(recipient, dueMs);
      });
  }

  function reportStart(message: QueuedMessage, { channel, address }: Route): number {
    deliveries += 1;
    report({ event: 'start', delivery: deliveries, message, channel, address });
    return deliveries;
  }

  /** The time of a message is over and its destination is dead: the attempt before was the last. */
  function giveUp(message: QueuedMessage, recipient: QueuedRecipient, to: Route): void {
    const { attempts, triedMs } = recipient;
    const answer = lastAnswer(recipient.report);
    const delivery = reportStart(message, to);
    deliveriesDone.with({ channel: to.channel, verdict: answer.verdict }).add();
    report({
      event: 'delivery',
      delivery,
      message,
      recipient,
      ...to,
      answer,
      attempts,
      durationMs: 0,
      nextMs: undefined,
    });
    settle(message, recipient, { attempts, triedMs, report: answer.text }, answer);
  }

  async function carryOut(job: Job, channel: Channel): Promise<Answer> {
    try {
      return await options.deliver[channel](job);
    } catch (error) {
      return { verdict: 'Z', text: `${errorText(error)} (#4.3.0)\n` };
    }
  }

  function attempt(message: QueuedMessage, recipient: QueuedRecipient, to: Route, place: SharedPlace): void {
    const { channel, address } = to;
    const startMs = now();
    const isLast = isTooOld(message.birthMs, startMs, settings().queueLifetimeMs);
    running[channel] += 1;
    const delivery = reportStart(message, to);
    status();
    const job: Job = { message, recipient, address, sender: senderFor(message.sender, address) };
    carryOut(job, channel).then((answered) => {
      const reached = answered.verdict !== 'Z';
      const answer = !reached && isLast ? lastAnswer(answered.text) : answered;
      const nowMs = now();
      const nextMs = answer.verdict === 'Z' ? nextAttemptMs(message.birthMs, nowMs, channel) : undefined;
      const attempts = recipient.attempts + 1;
      running[channel] -= 1;
      places[channel].finish(place, reached, startMs, nowMs);
      const durationMs = nowMs - startMs;
      deliveriesDone.with({ channel, verdict: answer.verdict }).add();
      deliverySeconds.observe(durationMs / 1000);
      report({
        event: 'delivery',
        delivery,
        message,
        recipient,
        channel,
        address,
        answer,
        attempts,
        durationMs,
        nextMs,
      });
      status();
      settle(message, recipient, { attempts, triedMs: nowMs, report: answer.text }, answer, nextMs);
      pumpSoon();
    });
  }

  /** Records what was done. Until it is recorded the recipient stays in memory and is not tried again. */
  function settle(
    message: QueuedMessage,
    recipient: QueuedRecipient,
    attempted: AttemptRecord,
    { verdict }: Answer,
    dueMs = 0,
  ): void {
    const record = <Done>(write: () => Promise<Done>) => recorder.record('a delivery', [recipient], write);
    switch (verdict) {
      case 'K':
        record(() => store.settle(recipient)).then((progress) => closed(message, recipient, progress));
        break;
      case 'D':
        record(() => store.fail(recipient, attempted)).then((progress) =>
          closed(message, recipient, progress),
        );
        break;
      case 'Z':
        record(() => store.defer(recipient, { ...attempted, dueMs })).then(() => deferred(recipient, dueMs));
    }
  }

  function closed(message: QueuedMessage, recipient: QueuedRecipient, progress: Progress | undefined): void {
    if (progress !== undefined) progressed(message, progress);
    release(recipient);
  }

  function deferred(recipient: QueuedRecipient, dueMs: number): void {
    backlog.waits(dueMs);
    release(recipient);
  }

  function release(recipient: QueuedRecipient): void {
    backlog.release(recipient);
    orders.attemptOver(recipient)?.then(finishStop);
    finishStop();
    pumpSoon();
  }

  function progressed(message: QueuedMessage, progress: Progress): void {
    if (progress === 'finished') report({ event: 'end', message });
    if (progress === 'bounceDue') bounces.wake();
  }

  function finishStop(): void {
    if (backlog.taken === 0 && orders.running === 0) stopping?.();
  }

  return {
    accepted(message, recipients) {
      report({ event: 'new', message });
      if (recipients.length === 0) report({ event: 'end', message });
      backlog.accepted(message, recipients);
      pumpSoon();
    },
    start() {
      started = true;
      status();
      bounces.wake();
      pump();
    },
    async retryNow() {
      const nowMs = now();
      for (const channel of channels) destinations[channel].forgive();
      let total = 0;
      try {
        for (let count = hastenCount; count === hastenCount; total += count) {
          if (stopping) throw new Error(`the hub is stopping: ${total} recipients are due now`);
          count = await store.hasten(nowMs, hastenCount);
        }
        return total;
      } finally {
        backlog.hastened(nowMs);
        pump();
      }
    },
    async steer(message, recipient, order, reason) {
      if (order === 'retry' || order === 'release') {
        const to = routeOf(recipient);
        destinations[to.channel].forgive(destinationOf(to));
      }
      return orders.steer(message, recipient, order, reason);
    },
    wake() {
      backlog.lookAgain();
      pump();
    },
    async stop() {
      clearTimeout(timer);
      const finished = new Promise<void>((resolve) => {
        stopping = resolve;
      });
      recorder.stop();
      finishStop();
      await Promise.all([finished, bounces.stop()]);
      report({ event: 'exiting' });
    },
  };
}
