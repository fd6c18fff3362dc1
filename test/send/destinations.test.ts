import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createDestinations, type Destinations } from '../../src/send/destinations.ts';

/** How many more a destination takes now. */
function room(destinations: Destinations, name: string, nowMs: number): number {
  let count = 0;
  while (destinations.admit(name, nowMs).admitted) count += 1;
  return count;
}

function finishAll(destinations: Destinations, name: string, count: number, reached: boolean, nowMs: number) {
  for (let index = 0; index < count; index += 1) destinations.finish(name, reached, nowMs - 50, nowMs);
}

function waitMs(destinations: Destinations, name: string, nowMs: number): number {
  const admission = destinations.admit(name, nowMs);
  assert.ok(!admission.admitted);
  return admission.untilMs - nowMs;
}

test('a destination begins with a few and gets more with each success, up to its share', () => {
  const destinations = createDestinations(5, () => 20);
  assert.equal(room(destinations, 'a', 0), 5);
  finishAll(destinations, 'a', 5, true, 100);
  assert.equal(room(destinations, 'a', 100), 10);
  finishAll(destinations, 'a', 10, true, 200);
  assert.equal(room(destinations, 'a', 200), 20);
  finishAll(destinations, 'a', 20, true, 300);
  assert.equal(room(destinations, 'a', 300), 20);
  // Another one is not asked.
  assert.equal(room(destinations, 'b', 300), 5);
});

test('a failure halves it, and one that fails at a single delivery rests, twice as long each time', () => {
  const destinations = createDestinations(8, () => 20);
  assert.equal(room(destinations, 'a', 0), 8);
  finishAll(destinations, 'a', 8, true, 0);
  assert.equal(room(destinations, 'a', 0), 16);
  // One of sixteen fails, then two.
  destinations.finish('a', false, 0, 0);
  finishAll(destinations, 'a', 13, true, 0);
  finishAll(destinations, 'a', 2, false, 0);
  assert.equal(room(destinations, 'a', 0), 5);

  const slow = createDestinations(1, () => 20);
  let nowMs = 1000;
  let restMs = 5000;
  for (let count = 0; count < 12; count += 1) {
    assert.ok(slow.admit('a', nowMs).admitted);
    slow.finish('a', false, nowMs, nowMs);
    assert.equal(waitMs(slow, 'a', nowMs), restMs);
    assert.equal(waitMs(slow, 'a', nowMs + restMs - 1), 1);
    nowMs += restMs;
    restMs = Math.min(restMs * 2, 15 * 60_000);
  }
  // One success and it is as before.
  assert.ok(slow.admit('a', nowMs).admitted);
  slow.finish('a', true, nowMs, nowMs);
  assert.equal(room(slow, 'a', nowMs), 2);
});

test('what finds no place is spread over the time that the destination needs', () => {
  const destinations = createDestinations(2, () => 2);
  assert.equal(room(destinations, 'a', 0), 2);
  // Each takes a second.
  for (let round = 1; round < 40; round += 1) {
    finishOne(destinations, round * 1000);
    destinations.admit('a', round * 1000);
  }
  const nowMs = 40_000;
  const waits = Array.from({ length: 100 }, () => waitMs(destinations, 'a', nowMs));
  assert.ok(waits.every((wait, index) => wait >= (waits[index - 1] ?? 100)));
  const last = waits.at(-1) ?? 0;
  // Two at a time, a second each: 100 of them need about 50 seconds.
  assert.ok(last > 40_000 && last < 60_000, `${last} ms`);
  // A line without end does not reach into tomorrow.
  for (let count = 0; count < 10_000; count += 1) destinations.admit('a', nowMs);
  assert.ok(waitMs(destinations, 'a', nowMs) <= 10 * 60_000);
});

test('who finds no place comes again soon, and less soon the longer no delivery there has ended', () => {
  const destinations = createDestinations(2, () => 1000);
  assert.equal(room(destinations, 'a', 1_000_000), 2);
  for (const [quietMs, expectedMs] of [
    [0, 100],
    [400, 100],
    [800, 200],
    [4000, 1000],
    [60_000, 1000],
  ] as const) {
    const wait = waitMs(destinations, 'a', 1_000_000 + quietMs);
    // In line behind those that were told before.
    assert.ok(wait >= expectedMs && wait <= expectedMs + 2, `${wait} ms after ${quietMs}`);
  }
  destinations.finish('a', true, 1_000_000, 1_070_000);
  assert.equal(room(destinations, 'a', 1_070_000), 2);
  assert.ok(waitMs(destinations, 'a', 1_070_000) <= 150);
});

test('a long line for a destination that has not failed waits for what it will take soon, and else for what it takes', () => {
  const lastWait = (destinations: Destinations) =>
    Array.from({ length: 2000 }, () => waitMs(destinations, 'a', 0)).at(-1) ?? 0;
  const fresh = createDestinations(5, () => 400);
  room(fresh, 'a', 0);
  assert.ok(lastWait(fresh) < 2_000);
  const failed = createDestinations(5, () => 400);
  const count = room(failed, 'a', 0);
  finishAll(failed, 'a', count - 1, false, 0);
  failed.finish('a', true, 0, 0);
  room(failed, 'a', 0);
  assert.ok(lastWait(failed) > 20_000);
});

function finishOne(destinations: Destinations, nowMs: number): void {
  destinations.finish('a', true, nowMs - 1000, nowMs);
}

test('an operator who wants it tried again ends the rest of one destination, or of all', () => {
  const destinations = createDestinations(1, () => 5);
  for (const name of ['a', 'b', 'c']) {
    destinations.admit(name, 0);
    destinations.finish(name, false, 0, 0);
  }
  destinations.forgive('a');
  destinations.forgive('unknown');
  assert.deepEqual([room(destinations, 'a', 1), room(destinations, 'b', 1)], [1, 0]);
  destinations.forgive();
  assert.deepEqual([room(destinations, 'b', 1), room(destinations, 'c', 1)], [1, 1]);
});

test('never more run than the share, none is forgotten that runs, and a refusal names a later time', () => {
  const step = fc.record({
    name: fc.constantFrom('a', 'b'),
    action: fc.constantFrom('admit', 'reach', 'fail'),
    passMs: fc.constantFrom(0, 1, 300, 7000, 1_000_000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (steps, share) => {
      const destinations = createDestinations(2, () => share);
      const running = new Map<string, number>();
      let nowMs = 0;
      for (const { name, action, passMs } of steps) {
        nowMs += passMs;
        const count = running.get(name) ?? 0;
        if (action === 'admit') {
          const admission = destinations.admit(name, nowMs);
          if (admission.admitted) running.set(name, count + 1);
          else assert.ok(admission.untilMs > nowMs);
          assert.ok((running.get(name) ?? 0) <= share);
        } else if (count > 0) {
          destinations.finish(name, action === 'reach', nowMs - 10, nowMs);
          running.set(name, count - 1);
        }
      }
      // Whatever it did before, a destination that is left alone long enough is tried again.
      for (const [name, count] of running) {
        finishAll(destinations, name, count, false, nowMs);
        assert.ok(destinations.admit(name, nowMs + 20 * 60_000).admitted);
      }
    }),
  );
});

test('destinations that fail without end are forgotten, and those that are busy are not', () => {
  const destinations = createDestinations(1, () => 5);
  assert.ok(destinations.admit('busy', 0).admitted);
  for (let count = 0; count < 100_000; count += 1) {
    const name = `d${count}`;
    destinations.admit(name, 0);
    destinations.finish(name, false, 0, 0);
  }
  assert.ok(!destinations.admit('busy', 0).admitted);
  assert.ok(destinations.admit('d0', 0).admitted);
  assert.ok(!destinations.admit('d99999', 0).admitted);
});

test('one that has failed for long counts as dead, and what is late has its only attempt there, a few at once', () => {
  const destinations = createDestinations(2, () => 20);
  const isDead = (nowMs: number) => {
    const admission = destinations.admit('a', nowMs);
    return !admission.admitted && admission.isDead;
  };
  const deadAtMs: number[] = [];
  let nowMs = 0;
  for (let count = 0; count < 8; count += 1) {
    assert.ok(destinations.admit('a', nowMs).admitted);
    destinations.finish('a', false, nowMs, nowMs);
    if (destinations.admit('a', nowMs).admitted) destinations.finish('a', false, nowMs, nowMs);
    if (isDead(nowMs)) deadAtMs.push(nowMs);
    nowMs += waitMs(destinations, 'a', nowMs);
  }
  assert.equal(deadAtMs[0], 75_000);
  // All places of a failing one are taken, and it is not said to be dead.
  assert.ok(destinations.admit('a', nowMs).admitted);
  assert.ok(!isDead(nowMs));
  destinations.finish('a', false, nowMs, nowMs);
  assert.ok(isDead(nowMs));
  const only = () => destinations.admit('a', nowMs, { isOnlyOne: true }).admitted;
  assert.deepEqual([only(), only(), only()], [true, true, false]);
  destinations.finish('a', true, nowMs, nowMs);
  assert.ok(destinations.admit('a', nowMs).admitted);
});

test('a flood of one host does not hold back the next message of another', () => {
  const destinations = createDestinations(1, () => 20);
  assert.ok(destinations.admit('a', 0).admitted);
  destinations.finish('a', false, 0, 0);
  const nowMs = 6000;
  assert.ok(destinations.admit('a', nowMs).admitted);
  const waitOf = (host: string) => {
    const admission = destinations.admit('a', nowMs, { host });
    assert.ok(!admission.admitted);
    return admission.untilMs - nowMs;
  };
  const flood = Array.from({ length: 10_000 }, () => waitOf('192.0.2.1'));
  assert.equal(flood.at(-1), 10 * 60_000);
  assert.equal(waitOf('192.0.2.2'), 100);
  assert.ok(waitOf('192.0.2.2') > 100);
  // So many hosts have lines of their own, and those beyond have one.
  const first = Array.from({ length: 100 }, (_, index) => waitOf(`198.51.100.${index}`));
  assert.deepEqual([first.filter((wait) => wait === 100).length, first.length], [63, 100]);
  destinations.forgive('a');
  assert.equal(waitOf('192.0.2.1'), 100);
});

test('the share may change: what has not failed gets what a new one has, and what has keeps what it has', () => {
  let share = 1;
  const destinations = createDestinations(5, () => share);
  assert.deepEqual([room(destinations, 'well', 0), room(destinations, 'failing', 0)], [1, 1]);
  destinations.finish('failing', false, 0, 0);
  share = 20;
  assert.equal(room(destinations, 'well', 10_000), 4);
  assert.equal(room(destinations, 'failing', 10_000), 1);
  finishAll(destinations, 'well', 5, true, 10_000);
  assert.equal(room(destinations, 'well', 10_000), 10);
  share = 3;
  finishAll(destinations, 'well', 9, true, 10_000);
  assert.equal(room(destinations, 'well', 10_000), 2);
  const users = createDestinations(Number.POSITIVE_INFINITY, () => share);
  assert.equal(room(users, 'joe', 0), 3);
  share = 10;
  assert.equal(room(users, 'joe', 0), 7);
});
