/** The hub and the model side by side: whatever happens to the one happens to the other, and then they are compared. */
import assert from 'node:assert/strict';
import { checkStore } from '../../src/queue/check.ts';
import { keysPerMessage, type Order, type QueuedRecipient, storePath } from '../../src/queue/index.ts';
import { bounceRecipient, type SendEvent } from '../../src/send/index.ts';
import { type Answer, bytesOf, type Verdict } from '../../src/system/index.ts';
import { type SimulatedTime, simulateTime } from '../support/simulated-time.ts';
import { readContents } from './contents.ts';
import {
  type Contract,
  createContract,
  isCertain,
  type ModelRecipient,
  type Submission,
} from './contract.ts';
import { checkNobodyWaits, createOrderCheck } from './order-of-attempts.ts';
import { type Delivery, openHub, type SimulatedHub } from './simulated-hub.ts';

interface Submitted {
  readonly id: number;
  readonly birthMs: number;
  readonly submission: Submission;
  answer: Answer | undefined;
}

export interface Play {
  readonly contract: Contract;
  readonly time: SimulatedTime;
  /** Refused transactions have left records on their way. */
  readonly isTroubled: boolean;
  readonly deliveries: readonly Delivery[];
  /** Recipients in the store whose state is certain, in the order of their keys. */
  certain(): readonly ModelRecipient[];
  recipientOf(delivery: Delivery): ModelRecipient;
  /** Submits these at the same time. */
  submit(submissions: readonly Submission[]): Promise<void>;
  answer(delivery: Delivery, verdict: Verdict): Promise<void>;
  steer(recipient: ModelRecipient, order: Order): Promise<void>;
  advance(ms: number): Promise<void>;
  retryNow(): Promise<void>;
  forget(): Promise<void>;
  compact(): Promise<void>;
  /** The process ends, now or with a transaction to come. */
  crash(): Promise<void>;
  crashIn(transactions: number, when: 'before' | 'after'): void;
  /** It is stopped as an operator stops it, and started again. What runs ends like this; these come before it begins. */
  restart(verdicts: readonly Verdict[], early: readonly Submission[]): Promise<void>;
  /** The store refuses so many transactions. */
  refuse(transactions: number): void;
  /** Everything is delivered that can be, and each recipient must have met its fate. */
  finish(): Promise<void>;
  end(): Promise<void>;
}

/** Between the first mail that comes and the first look for what is next. */
const startTurns = 2;

/** What was refused has been brought again after this time. */
const calmMs = 61_000;

const startMs = 1_700_000_000_000;

/** How often everything is released and answered, ten minutes apart, until nothing may be left. */
const finishRoundsMax = 60;

export async function startPlay(directory: string): Promise<Play> {
  const time = simulateTime(startMs);
  const contract = createContract();
  const ended = new Set<number>();
  const begun: Delivery[] = [];
  /** Addresses of several recipients: one may have to wait for another. */
  const shared = new Set(['postmaster@local']);
  const tags = new Set<string>();
  let lives = 0;
  let isTroubled = false;
  /** When a transaction was refused, or could have been. */
  let troubleMs = 0;
  let isStopping = false;
  const order = createOrderCheck();
  /** The recipient whose attempt has just ended, which the store does not know yet. */
  let ending: number | undefined;
  let problem: unknown;
  let submitted: Submitted[] = [];
  let hub: SimulatedHub = await open();

  function watch(event: SendEvent): void {
    if (event.event === 'warning' || event.event === 'alert') assert.ok(isTroubled, event.text);
    if (event.event === 'end') {
      assert.ok(!ended.has(event.message.id), `end msg ${event.message.id} is reported twice`);
      ended.add(event.message.id);
    }
    // One that was tried has one attempt more.
    if (event.event === 'delivery' && event.attempts === event.recipient.attempts) {
      assert.ok(event.attempts > 0 && event.answer.verdict === 'D', `${event.address} was never tried`);
      contract.giveUp(contract.recipient(event.recipient), time.nowMs);
    }
  }

  function open(): Promise<SimulatedHub> {
    order.part();
    return openHub(`${directory}/${lives}`, time, { started, event: watch });
  }

  function started(delivery: Delivery): void {
    begun.push(delivery);
    const tried = hub.deliveries.map(({ job }) => job.recipient.id);
    const others = storedRecipients().filter(({ id, messageId, address }) => {
      const known = contract.messages.get(messageId)?.recipients[id % keysPerMessage];
      return (
        known !== undefined &&
        isCertain(known) &&
        !tried.includes(id) &&
        !shared.has(address) &&
        id !== ending
      );
    });
    try {
      if (!isTroubled) order.begins(delivery.job.recipient, others, time.nowMs);
    } catch (error) {
      // What a delivery throws is a deferral.
      problem = error;
    }
  }

  function storedRecipients(): readonly QueuedRecipient[] {
    return [...hub.store.messages()].flatMap(({ id }) => [...hub.store.recipients(id)]);
  }

  /** Tells the model of the deliveries that have begun. */
  function noteBegun(): void {
    for (const delivery of begun.splice(0)) contract.begin(contract.recipient(delivery.job.recipient));
  }

  /** What the hub has answered must be what the model says. */
  function noteAnswers(): void {
    for (const one of submitted) {
      const { id, birthMs, submission, answer } = one;
      assert.ok(answer, `submission ${id} is not answered`);
      const before = contract.remembered(submission, birthMs);
      if (answer.verdict !== 'K') {
        assert.ok(isTroubled && answer.verdict === 'Z', answer.text);
      } else if (before !== undefined && submission.isRemembered) {
        assert.match(answer.text, new RegExp(`qp ${before}$`));
      } else {
        assert.equal(answer.text, '', 'a new message is taken for one that was there before');
        contract.accept(id, birthMs, submission);
      }
    }
    submitted = [];
  }

  function check(): void {
    const { messages, incoming } = readContents(hub.store);
    if (!isTroubled) assert.equal(incoming, 0);
    contract.check(messages, isTroubled ? 'troubled' : 'quiet');
    if (!isTroubled && !isStopping)
      checkNobodyWaits(
        messages.flatMap(({ recipients }) => recipients),
        hub.deliveries,
        time.nowMs,
      );
    if (hub.worker.refusals > 0) troubleMs = time.nowMs;
    if (time.nowMs > troubleMs + calmMs && everyone().every(isCertain)) isTroubled = false;
  }

  function everyone(): readonly ModelRecipient[] {
    return [...contract.messages.values()].flatMap((message) => (message.hasEnded ? [] : message.recipients));
  }

  /** Brings these to the hub at the same time. */
  function bring(submissions: readonly Submission[]): void {
    for (const submission of submissions) {
      const { tag, host, sender, recipients, text } = submission;
      if (tags.has(tag)) for (const address of [bounceRecipient(sender), ...recipients]) shared.add(address);
      tags.add(tag);
      const incoming = hub.store.begin({ caller: 'network', host });
      const one: Submitted = { id: incoming.id, birthMs: time.nowMs, submission, answer: undefined };
      submitted.push(one);
      incoming.write(bytesOf(text));
      incoming.commit({ sender, recipients }).then((answer) => {
        one.answer = answer;
      });
    }
  }

  /** Waits until the hub is done with what was brought to it, and compares; or finds that its process has ended. */
  async function settle(isAlive: Promise<boolean> = hub.settle()): Promise<boolean> {
    if (!(await isAlive)) {
      await revive();
      return false;
    }
    if (problem !== undefined) throw problem;
    ending = undefined;
    order.part();
    noteAnswers();
    check();
    noteBegun();
    return true;
  }

  /** The process has ended at some moment: what is on the disk is all that there is. */
  async function revive(): Promise<void> {
    const old = hub;
    lives += 1;
    // What it had answered when it ended is true.
    const answered = submitted.filter(({ answer }) => answer !== undefined);
    const unanswered = submitted.filter(({ answer }) => answer === undefined);
    submitted = answered;
    noteAnswers();
    begun.length = 0;
    old.copyDisk(`${directory}/${lives}`);
    time.forgetTimers();
    await old.dispose();
    contract.crash();
    isTroubled = false;
    isStopping = false;
    hub = await open();
    const { messages, incoming } = readContents(hub.store);
    assert.equal(incoming, 0, 'what was not complete is swept');
    for (const { id, birthMs, submission } of unanswered) {
      if (messages.some((message) => message.id === id)) contract.accept(id, birthMs, submission);
    }
    contract.check(messages, 'crashed');
    hub.sender.start();
    await settle();
  }

  hub.sender.start();
  await settle();

  const play: Play = {
    contract,
    time,
    get isTroubled() {
      return isTroubled;
    },
    get deliveries() {
      return hub.deliveries;
    },
    certain: () => everyone().filter((one) => isCertain(one) && one.possible[0] !== 'gone'),
    recipientOf: ({ job }) => contract.recipient(job.recipient),
    async submit(submissions) {
      bring(submissions);
      await settle();
    },
    async answer(delivery, verdict) {
      contract.end(play.recipientOf(delivery), verdict, delivery.startMs);
      ending = delivery.job.recipient.id;
      delivery.end({ verdict, text: `${verdict} of a test (#${verdict === 'D' ? 5 : 4}.0.0)\n` });
      await settle();
    },
    async steer(recipient, order) {
      const message = hub.store.message(recipient.message.id);
      assert.ok(message);
      const index = recipient.message.recipients.indexOf(recipient);
      const stored = [...hub.store.recipients(message.id)].find(({ id }) => id % keysPerMessage === index);
      assert.ok(stored);
      contract.order(recipient, order);
      hub.sender.steer(message, stored, order, 'as the operator wants (#5.0.0)\n').catch(assert.fail);
      await settle();
    },
    async advance(ms) {
      await settle(hub.advance(ms));
    },
    async retryNow() {
      hub.sender.retryNow().catch((error: unknown) => assert.ok(isTroubled, String(error)));
      await settle();
    },
    async forget() {
      hub.store
        .forgetSubmissions(time.nowMs, 5)
        .catch((error: unknown) => assert.ok(isTroubled, String(error)));
      await settle();
    },
    async compact() {
      hub.worker.compact();
      await settle();
    },
    async crash() {
      hub.worker.end();
      await settle();
    },
    crashIn: (transactions, when) => hub.worker.endAfter(transactions, when),
    async restart(verdicts, early) {
      let hasStopped = false;
      isStopping = true;
      hub.sender.stop().then(() => {
        hasStopped = true;
      });
      for (let index = 0; hub.deliveries.length > 0; index += 1) {
        const [delivery] = hub.deliveries;
        assert.ok(delivery);
        const { worker } = hub;
        await play.answer(delivery, verdicts[index % verdicts.length] ?? 'K');
        // It has ended on the way, and was started again.
        if (worker !== hub.worker) return;
      }
      if (!(await settle())) return;
      assert.ok(hasStopped, 'the sender does not stop');
      await hub.dispose();
      time.forgetTimers();
      isStopping = false;
      hub = await open();
      bring(early);
      for (let turns = 0; turns < startTurns; turns += 1) await new Promise(setImmediate);
      hub.sender.start();
      await settle();
    },
    refuse(transactions) {
      hub.worker.refusals = transactions;
      troubleMs = time.nowMs;
      isTroubled = true;
    },
    async finish() {
      hub.worker.refusals = 0;
      hub.worker.endAfter(Number.POSITIVE_INFINITY, 'before');
      for (let round = 0; round < finishRoundsMax; round += 1) {
        await play.advance(600_000);
        for (const recipient of play.certain()) {
          if (recipient.possible[0] === 'held' && !isTroubled) await play.steer(recipient, 'release');
        }
        while (hub.deliveries[0] !== undefined) await play.answer(hub.deliveries[0], 'K');
        if (everyone().length === 0) break;
      }
      assert.deepEqual(
        everyone().map(({ address, possible }) => [address, possible]),
        [],
        'these are never done with',
      );
      contract.checkFates();
      checkStore(storePath(`${directory}/${lives}`), {
        repair: false,
        nowMs: time.nowMs,
        onFinding: ({ text }) => assert.fail(text),
      });
    },
    async end() {
      hub.worker.end();
      await hub.dispose();
      time.end();
    },
  };
  return play;
}
