import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { QueuedMessage, QueuedRecipient } from '../../src/queue/index.ts';
import { type Operation, progress, type SteerOperation } from '../../src/queue/operation.ts';
import { createBacklog } from '../../src/send/backlog.ts';
import type { LineSizes } from '../../src/send/line.ts';
import type { Channel } from '../../src/send/retry.ts';
import { allRecipients } from '../support/open-store.ts';
import { acceptOperation, openBoth } from '../support/operations.ts';

/** Everything that may happen between the store and the backlog. */
type Step =
  | { readonly step: 'accept'; readonly recipients: readonly string[]; readonly rank: number }
  /** A message is in the store and the backlog hears of it later. */
  | { readonly step: 'arrive'; readonly recipients: readonly string[]; readonly rank: number }
  | { readonly step: 'announce' }
  | { readonly step: 'take'; readonly channel: Channel }
  /** One that is taken: settled, deferred by so much, or given back as it was. */
  | {
      readonly step: 'end';
      readonly which: number;
      readonly how: 'settle' | 'defer' | 'give back';
      readonly ms: number;
    }
  /** The store has recorded a deferral, and whoever tried it hears of that later. */
  | { readonly step: 'record'; readonly which: number; readonly ms: number }
  | { readonly step: 'told' }
  | { readonly step: 'hasten' }
  | { readonly step: 'steer'; readonly which: number; readonly order: SteerOperation['order'] }
  /** An order is on its way to the store, which carries it out or refuses it, and answers later. */
  | { readonly step: 'order'; readonly which: number; readonly order: SteerOperation['order'] }
  | { readonly step: 'commit' }
  | { readonly step: 'answer' }
  | { readonly step: 'pass'; readonly ms: number }
  | { readonly step: 'swap channels' }
  | { readonly step: 'restart' };

const addresses = fc.array(fc.constantFrom('l', 'r'), { minLength: 1, maxLength: 4 });
const rank = fc.integer({ min: 0, max: 5 });
const which = fc.nat({ max: 20 });
const ms = fc.constantFrom(0, 0, 1, 10, 100);
const some = <Value extends Step>(step: fc.Arbitrary<Value>, weight: number) => ({ arbitrary: step, weight });

const someStep: fc.Arbitrary<Step> = fc.oneof(
  some(fc.record({ step: fc.constant('accept' as const), recipients: addresses, rank }), 9),
  some(fc.record({ step: fc.constant('arrive' as const), recipients: addresses, rank }), 3),
  some(fc.record({ step: fc.constant('announce' as const) }), 3),
  some(fc.record({ step: fc.constant('take' as const), channel: fc.constantFrom('local', 'remote') }), 20),
  some(
    fc.record({
      step: fc.constant('end' as const),
      which,
      how: fc.oneof(
        { arbitrary: fc.constantFrom('settle' as const, 'defer' as const), weight: 9 },
        { arbitrary: fc.constant('give back' as const), weight: 1 },
      ),
      ms,
    }),
    20,
  ),
  some(fc.record({ step: fc.constant('record' as const), which, ms }), 5),
  some(fc.record({ step: fc.constant('told' as const) }), 5),
  some(fc.record({ step: fc.constant('hasten' as const) }), 3),
  some(
    fc.record({
      step: fc.constant('steer' as const),
      which,
      order: fc.constantFrom('retry', 'hold', 'release', 'delete', 'fail'),
    }),
    5,
  ),
  some(
    fc.record({
      step: fc.constant('order' as const),
      which,
      order: fc.constantFrom('retry', 'hold', 'release', 'delete', 'fail'),
    }),
    5,
  ),
  some(fc.record({ step: fc.constant('commit' as const) }), 3),
  some(fc.record({ step: fc.constant('answer' as const) }), 4),
  // A clock may be set back.
  some(fc.record({ step: fc.constant('pass' as const), ms: fc.constantFrom(0, 1, 10, 100, -5) }), 4),
  some(fc.record({ step: fc.constant('swap channels' as const) }), 1),
  some(fc.record({ step: fc.constant('restart' as const) }), 1),
);

interface Taken {
  readonly recipient: QueuedRecipient;
}

/** A deferral that is recorded. */
interface Recorded {
  readonly one: Taken;
  readonly dueMs: number;
}

interface Ordered {
  readonly recipient: QueuedRecipient;
  readonly order: SteerOperation['order'];
  readonly nowMs: number;
  /** What the store has made of it. */
  value: number | undefined;
}

/** A backlog over a store, and what the two must agree on after each step. */
function playBacklog(sizes: LineSizes) {
  const { reader, apply, close } = openBoth();
  const arriving = new Map<number, readonly [QueuedMessage, readonly QueuedRecipient[]]>();
  const store = { ...reader, isArriving: (id: number) => arriving.has(id) };
  let nowMs = 1000;
  /** What was due once may be tried after the clock was set back. */
  let latestMs = nowMs;
  let localLetter = 'l';
  let messages = 0;
  let taken: Taken[] = [];
  let recorded: Recorded[] = [];
  let ordered: Ordered[] = [];
  const channelOf = ({ address }: QueuedRecipient): Channel => (address === localLetter ? 'local' : 'remote');
  const make = () => createBacklog(store, channelOf, ({ address }) => address, sizes);
  let backlog = make();

  const inStore = (id: number) => allRecipients(reader).find((recipient) => recipient.id === id);
  const isTaken = (id: number) => taken.some(({ recipient }) => recipient.id === id);

  function accept(recipients: readonly string[], rankOf: number) {
    messages += 1;
    apply(acceptOperation(messages, { recipients, rank: rankOf, birthMs: nowMs }));
    const message = reader.message(messages);
    assert.ok(message);
    const entry = [message, [...reader.recipients(messages)]] as const;
    arriving.set(messages, entry);
  }

  function announce(): void {
    const [next] = arriving;
    if (next === undefined) return;
    const [id, [message, recipients]] = next;
    arriving.delete(id);
    backlog.accepted(message, recipients);
  }

  /** Takes one, as the sender does: looks again as long as a look is due at once. */
  function take(channel: Channel): QueuedRecipient | undefined {
    for (let looks = 0; looks < 200; looks += 1) {
      const next = backlog.take(channel, nowMs);
      if (next !== undefined) {
        check(next.recipient, channel);
        taken.push(next);
        return next.recipient;
      }
      const lookMs = backlog.nextLookMs(channel);
      if (lookMs === undefined || lookMs > nowMs) return undefined;
    }
    throw new Error('the store is looked into for ever');
  }

  /** What is taken must be as the store has it, due, of the channel, told of, and not taken already. */
  function check(recipient: QueuedRecipient, channel: Channel): void {
    const found = inStore(recipient.id);
    assert.ok(found, 'a recipient was taken that is gone');
    assert.ok(!isTaken(recipient.id), 'a recipient was taken twice');
    const isOrdered = ordered.some((one) => one.recipient.id === recipient.id);
    assert.ok(!isOrdered, 'a recipient was taken while an order for it was on its way');
    assert.ok(!arriving.has(recipient.messageId), 'a recipient was taken before its message was told of');
    assert.equal(channelOf(recipient), channel);
    assert.ok(found.state === 'fresh' || (found.state === 'waiting' && found.dueMs <= latestMs), found.state);
    assert.deepEqual(recipient, found);
  }

  function defer({ id }: QueuedRecipient, dueMs: number): void {
    const triedMs = nowMs - 1;
    const record: Operation = { kind: 'defer', recipientId: id, attempts: 1, triedMs, dueMs, report: '' };
    apply(record);
  }

  /** Those of which the store has nothing to say yet. */
  const unrecorded = () => taken.filter((one) => !recorded.some((record) => record.one === one));

  function tell(): void {
    const [record, ...later] = recorded;
    if (record === undefined) return;
    recorded = later;
    taken = taken.filter((other) => other !== record.one);
    backlog.waits(record.dueMs);
    backlog.release(record.one.recipient);
  }

  function end(one: Taken, how: 'settle' | 'defer' | 'give back', inMs: number): void {
    const { recipient } = one;
    taken = taken.filter((other) => other !== one);
    const dueMs = nowMs + inMs;
    if (how === 'settle') apply({ kind: 'settle', recipientId: recipient.id });
    if (how === 'defer') {
      defer(recipient, dueMs);
      backlog.waits(dueMs);
    }
    backlog.release(recipient);
    if (how === 'give back') backlog.lookAgain();
  }

  /** Nothing when there is no recipient to order anything for. */
  function order(index: number, what: SteerOperation['order']): Ordered | undefined {
    const all = allRecipients(reader).filter(({ messageId }) => !arriving.has(messageId));
    const recipient = all[index % Math.max(all.length, 1)];
    if (recipient === undefined) return undefined;
    backlog.withhold(recipient);
    const one: Ordered = { recipient, order: what, nowMs, value: undefined };
    ordered.push(one);
    return one;
  }

  function commit(one: Ordered | undefined): void {
    if (one === undefined) return;
    const { recipient, order: what } = one;
    [one.value] = apply({
      kind: 'steer',
      recipientId: recipient.id,
      order: what,
      nowMs: one.nowMs,
      report: '',
    });
  }

  /** One that the store has not carried out is refused. */
  function answer(one: Ordered): void {
    ordered = ordered.filter((other) => other !== one);
    const { recipient, value = progress.unchanged } = one;
    if (value !== progress.unchanged) backlog.outdate(recipient, one.nowMs);
    backlog.allow(recipient);
  }

  function steer(index: number, what: SteerOperation['order']): void {
    const one = order(index, what);
    if (one === undefined) return;
    commit(one);
    answer(one);
  }

  function run(step: Step): void {
    switch (step.step) {
      case 'accept':
        accept(step.recipients, step.rank);
        while (arriving.size > 0) announce();
        break;
      case 'arrive':
        accept(step.recipients, step.rank);
        break;
      case 'announce':
        announce();
        break;
      case 'take':
        take(step.channel);
        break;
      case 'end': {
        const one = unrecorded()[step.which % Math.max(unrecorded().length, 1)];
        if (one !== undefined) end(one, step.how, step.ms);
        break;
      }
      case 'record': {
        const one = unrecorded()[step.which % Math.max(unrecorded().length, 1)];
        if (one === undefined) break;
        const dueMs = nowMs + step.ms;
        defer(one.recipient, dueMs);
        recorded.push({ one, dueMs });
        break;
      }
      case 'told':
        tell();
        break;
      case 'hasten':
        apply({ kind: 'hasten', nowMs, count: 1000 });
        backlog.hastened(nowMs);
        break;
      case 'steer':
        steer(step.which, step.order);
        break;
      case 'order':
        order(step.which, step.order);
        break;
      case 'commit':
        commit(ordered.find(({ value }) => value === undefined));
        break;
      case 'answer': {
        const [one] = ordered;
        if (one !== undefined) answer(one);
        break;
      }
      case 'pass':
        nowMs += step.ms;
        latestMs = Math.max(latestMs, nowMs);
        break;
      case 'swap channels':
        localLetter = localLetter === 'l' ? 'r' : 'l';
        backlog.lookAgain();
        break;
      case 'restart':
        taken = [];
        recorded = [];
        ordered = [];
        arriving.clear();
        backlog = make();
    }
    assert.equal(backlog.taken, taken.length);
    for (const { recipient } of taken) assert.ok(backlog.isTaken(recipient));
  }

  /** Whoever is due is found, and nobody else. */
  function drain(): void {
    while (arriving.size > 0) announce();
    while (recorded.length > 0) tell();
    for (const one of ordered) answer(one);
    const found: number[] = [];
    for (const channel of ['local', 'remote'] as const) {
      for (let one = take(channel); one !== undefined; one = take(channel)) found.push(one.id);
    }
    const left = allRecipients(reader).filter(
      ({ id, state, dueMs }) =>
        !isTaken(id) && (state === 'fresh' || (state === 'waiting' && dueMs <= nowMs)),
    );
    assert.deepEqual(left, [], 'a recipient that is due is not found');
    for (const recipient of allRecipients(reader)) {
      if (recipient.state !== 'waiting' || isTaken(recipient.id)) continue;
      const lookMs = backlog.nextLookMs(channelOf(recipient)) ?? Number.POSITIVE_INFINITY;
      assert.ok(lookMs <= recipient.dueMs, 'nobody would look in time');
    }
  }

  return { run, drain, close };
}

test('whatever happens, each that is due is found once, and what was changed is not used as it was', () => {
  const size = fc.integer({ min: 1, max: 4 });
  const sizes = fc.record({ lineMax: size, lineHardMax: size, refillCount: size });
  fc.assert(
    fc.property(fc.array(someStep, { maxLength: 80, size: 'max' }), sizes, (steps, limits) => {
      const play = playBacklog({ ...limits, lineHardMax: limits.lineMax + limits.lineHardMax });
      for (const step of steps) play.run(step);
      play.drain();
      play.close();
    }),
    { numRuns: 150 },
  );
});
