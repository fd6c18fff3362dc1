/**
 * What the queue manager promises, as a small model: which messages there are, and what each recipient may be. While a
 * record is on its way a recipient may be one of several things, in their order; when everything is quiet it must be
 * the last of them, and after a crash it may be any of them, and is that from then on.
 */
import assert from 'node:assert/strict';
import { keysPerMessage, type Order, type QueuedRecipient } from '../../src/queue/index.ts';
import type { ByteString, Verdict } from '../../src/system/index.ts';
import type { StoredMessage } from './contents.ts';
import { memoryMs, queueLifetimeMs } from './simulated-hub.ts';

export type State = 'open' | 'held' | 'failed' | 'gone';

export interface Submission {
  readonly tag: string;
  readonly host: string;
  readonly sender: ByteString;
  readonly recipients: readonly ByteString[];
  readonly text: ByteString;
  /** Whether it has a Message-ID, by which it is remembered. */
  readonly isRemembered: boolean;
}

export interface ModelRecipient {
  readonly address: ByteString;
  readonly message: ModelMessage;
  possible: readonly State[];
  /** Deliveries that ended well. */
  delivered: number;
  /** A crash came between a delivery and its record. */
  mayRepeat: boolean;
  bounced: number;
  isDeleted: boolean;
  isDropped: boolean;
  isTried: boolean;
  /** An order that waits for the end of the attempt. */
  ordered: 'fail' | 'delete' | undefined;
}

export interface ModelMessage {
  readonly id: number;
  readonly birthMs: number;
  readonly sender: ByteString;
  readonly text: ByteString | undefined;
  readonly recipients: readonly ModelRecipient[];
  /** Nothing of it is in the queue any more. */
  hasEnded: boolean;
}

/** The state that a recipient will be in when all records are made. */
export function finalState({ possible }: ModelRecipient): State {
  return possible.at(-1) ?? 'gone';
}

export function isCertain({ possible }: ModelRecipient): boolean {
  return possible.length === 1;
}

function isOpen(recipient: ModelRecipient): boolean {
  return ['open', 'held'].includes(finalState(recipient));
}

export interface Contract {
  readonly messages: ReadonlyMap<number, ModelMessage>;
  recipient(stored: QueuedRecipient): ModelRecipient;
  accept(id: number, birthMs: number, submission: Submission): void;
  /** The message as which a submission is remembered at a time. */
  remembered(submission: Submission, nowMs: number): number | undefined;
  begin(recipient: ModelRecipient): void;
  end(recipient: ModelRecipient, verdict: Verdict, startMs: number): void;
  /** It is too late for another attempt, and the one before was the last. */
  giveUp(recipient: ModelRecipient, nowMs: number): void;
  order(recipient: ModelRecipient, order: Order): void;
  /** The process has ended: nothing is being tried, and no order waits. */
  crash(): void;
  /** Compares with what is in the store. `isQuiet`: no record is on its way. */
  check(stored: readonly StoredMessage[], when: 'quiet' | 'troubled' | 'crashed'): void;
  /** Everything is over: each recipient has met one fate. */
  checkFates(): void;
}

export function createContract(): Contract {
  const messages = new Map<number, ModelMessage>();
  const memory = new Map<string, { readonly id: number; readonly expiresMs: number }>();

  function add(
    id: number,
    birthMs: number,
    sender: ByteString,
    recipients: readonly ByteString[],
    text?: ByteString,
  ): ModelMessage {
    const list: ModelRecipient[] = [];
    const message: ModelMessage = { id, birthMs, sender, text, recipients: list, hasEnded: false };
    for (const address of recipients) {
      list.push({
        address,
        message,
        possible: ['open'],
        delivered: 0,
        mayRepeat: false,
        bounced: 0,
        isDeleted: false,
        isDropped: false,
        isTried: false,
        ordered: undefined,
      });
    }
    messages.set(id, message);
    return message;
  }

  function become(recipient: ModelRecipient, state: State): void {
    if (finalState(recipient) !== state) recipient.possible = [...recipient.possible, state];
  }

  function hasOtherOpen(recipient: ModelRecipient): boolean {
    return recipient.message.recipients.some((other) => other !== recipient && isOpen(other));
  }

  function carryOut(recipient: ModelRecipient, order: Order): void {
    const state = finalState(recipient);
    switch (order) {
      case 'retry':
        return;
      case 'hold':
        if (state === 'open') become(recipient, 'held');
        return;
      case 'release':
        if (state === 'held') become(recipient, 'open');
        return;
      case 'fail':
        if (state === 'open' || state === 'held') become(recipient, 'failed');
        return;
      case 'delete':
        if (state === 'gone' || (state === 'failed' && !hasOtherOpen(recipient))) return;
        recipient.isDeleted = true;
        become(recipient, 'gone');
    }
  }

  /** A bounce is in the store: its message must be gone, and the bounce must name those that failed, and no other. */
  function adoptBounce(bounce: StoredMessage, stored: ReadonlySet<number>): ModelMessage {
    const named = new Set(bounce.failures);
    const isOriginal = (message: ModelMessage) =>
      !message.hasEnded &&
      !stored.has(message.id) &&
      message.recipients.every(({ address, possible }) =>
        possible.includes(named.has(address) ? 'failed' : 'gone'),
      ) &&
      bounce.failures.every((address) =>
        message.recipients.some((recipient) => recipient.address === address),
      );
    const original = [...messages.values()].find(isOriginal);
    assert.ok(
      original,
      `bounce ${bounce.id} is of no message whose recipients ${bounce.failures.join()} failed`,
    );
    original.hasEnded = true;
    for (const recipient of original.recipients) {
      recipient.possible = [named.has(recipient.address) ? 'failed' : 'gone'];
      if (named.has(recipient.address)) recipient.bounced += 1;
    }
    const isDouble = original.sender === '';
    const to = isDouble ? 'postmaster@local' : original.sender.replace(/-@\[\]$/, '');
    assert.equal(bounce.sender, isDouble ? '#@[]' : '');
    assert.deepEqual(
      bounce.recipients.map(({ address }) => address),
      [to],
    );
    return add(bounce.id, bounce.birthMs, bounce.sender, [to]);
  }

  /** A message is not in the store any more: that must be right for each of its recipients. */
  function checkGone(message: ModelMessage): void {
    const isLast = message.sender === '#@[]';
    for (const recipient of message.recipients) {
      const { address, possible } = recipient;
      const isDropped = isLast && possible.includes('failed') && finalState(recipient) !== 'gone';
      assert.ok(
        isDropped || possible.includes('gone'),
        `message ${message.id} has lost ${address}, ${possible}`,
      );
      if (isDropped) recipient.isDropped = true;
      recipient.possible = [isDropped ? 'failed' : 'gone'];
    }
    message.hasEnded = true;
  }

  function checkRecipient(
    recipient: ModelRecipient,
    actual: State,
    when: 'quiet' | 'troubled' | 'crashed',
  ): void {
    const { address, possible, message } = recipient;
    const what = `message ${message.id}: ${address} is ${actual}, and may be ${possible}`;
    assert.ok(possible.includes(actual), what);
    if (when === 'quiet') assert.equal(actual, finalState(recipient), what);
    const isFinal = actual === finalState(recipient);
    if (when === 'crashed' && recipient.delivered > 0 && actual !== 'gone') recipient.mayRepeat = true;
    if (when === 'crashed' || isFinal) recipient.possible = [actual];
    if (when === 'crashed' && actual !== 'gone') recipient.isDeleted = false;
  }

  function checkStored(
    message: ModelMessage,
    stored: StoredMessage,
    when: 'quiet' | 'troubled' | 'crashed',
  ): void {
    assert.ok(stored.recipients.length > 0, `message ${message.id} has nobody left`);
    assert.equal(stored.sender, message.sender);
    assert.equal(stored.birthMs, message.birthMs);
    if (message.text !== undefined) assert.equal(stored.text(), message.text);
    const states = new Map(stored.recipients.map(({ id, state }) => [id, state]));
    message.recipients.forEach((recipient, index) => {
      const state = states.get(stored.firstKey + index) ?? 'gone';
      checkRecipient(recipient, state === 'fresh' || state === 'waiting' ? 'open' : state, when);
    });
  }

  return {
    messages,
    recipient({ messageId, id, address }) {
      const found = messages.get(messageId)?.recipients[id % keysPerMessage];
      assert.ok(found, `recipient ${id} of message ${messageId} is unknown`);
      assert.equal(found.address, address);
      return found;
    },
    accept(id, birthMs, submission) {
      add(id, birthMs, submission.sender, submission.recipients, submission.text);
      if (submission.isRemembered) memory.set(submission.tag, { id, expiresMs: birthMs + memoryMs });
    },
    remembered({ tag }, nowMs) {
      const known = memory.get(tag);
      return known !== undefined && known.expiresMs > nowMs ? known.id : undefined;
    },
    begin(recipient) {
      const { address, message, possible, delivered, mayRepeat } = recipient;
      const what = `${address} of message ${message.id}`;
      assert.ok(!recipient.isTried, `${what} is tried twice at the same time`);
      assert.ok(possible.includes('open'), `${what} is tried, and is ${possible}`);
      assert.ok(delivered === 0 || mayRepeat, `${what} is tried again after it was delivered`);
      recipient.isTried = true;
    },
    end(recipient, verdict, startMs) {
      const { ordered, message } = recipient;
      recipient.isTried = false;
      recipient.ordered = undefined;
      const isTooLate = startMs > message.birthMs + queueLifetimeMs;
      if (verdict === 'K') {
        recipient.delivered += 1;
        become(recipient, 'gone');
      } else if (verdict === 'D' || isTooLate) {
        become(recipient, 'failed');
      }
      if (ordered !== undefined) carryOut(recipient, ordered);
    },
    giveUp(recipient, nowMs) {
      const { address, message, possible, isTried } = recipient;
      const what = `${address} of message ${message.id} is given up`;
      assert.ok(nowMs > message.birthMs + queueLifetimeMs, `${what} before its time`);
      assert.ok(!isTried && possible.includes('open'), `${what}, and is ${possible}`);
      become(recipient, 'failed');
    },
    order(recipient, order) {
      recipient.ordered = undefined;
      if ((order === 'fail' || order === 'delete') && recipient.isTried) {
        recipient.ordered = order;
        carryOut(recipient, 'hold');
      } else {
        carryOut(recipient, order);
      }
    },
    crash() {
      for (const { recipients } of messages.values()) {
        for (const recipient of recipients) {
          recipient.isTried = false;
          recipient.ordered = undefined;
        }
      }
    },
    check(stored, when) {
      const ids = new Set(stored.map(({ id }) => id));
      for (const one of stored) {
        const message = messages.get(one.id) ?? adoptBounce(one, ids);
        assert.ok(!message.hasEnded, `message ${one.id} is back`);
        checkStored(message, one, when);
      }
      for (const message of messages.values()) {
        if (!message.hasEnded && !ids.has(message.id)) checkGone(message);
      }
    },
    checkFates() {
      for (const { id, recipients } of messages.values()) {
        for (const { address, delivered, bounced, isDeleted, isDropped, mayRepeat } of recipients) {
          const fates = [delivered > 0, bounced > 0, isDeleted, isDropped].filter(Boolean).length;
          const what = `${address} of message ${id}: ${delivered} deliveries, ${bounced} bounces`;
          assert.ok(fates >= 1, `${what}: lost`);
          assert.ok(bounced <= 1, what);
          assert.ok(mayRepeat || (fates === 1 && delivered <= 1), what);
        }
      }
    },
  };
}
