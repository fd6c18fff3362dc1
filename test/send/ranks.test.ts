import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRanks } from '../../src/send/ranks.ts';

interface Waiting {
  readonly host: string;
  readonly message: number;
  readonly rank: number;
}

/** A queue that serves the lowest rank, and the earlier message of two of the same rank. */
function servedQueue() {
  const ranks = createRanks();
  const waiting: Waiting[] = [];
  let messages = 0;
  return {
    waiting,
    submit(host: string, recipients = 1) {
      const rank = ranks.next(host);
      messages += 1;
      for (let index = 0; index < recipients; index += 1) {
        waiting.push({ host, message: messages, rank: rank + index });
      }
      return messages;
    },
    serve(): Waiting | undefined {
      waiting.sort((a, b) => a.rank - b.rank || a.message - b.message);
      const served = waiting.shift();
      if (served !== undefined) ranks.serve(served.rank);
      return served;
    },
  };
}

test("a flood of one host holds back another host's message by one delivery at most", () => {
  const queue = servedQueue();
  for (let count = 0; count < 1000; count += 1) queue.submit('flood');
  for (let round = 0; round < 200; round += 1) {
    queue.serve();
    if (round % 7 !== 0) continue;
    const message = queue.submit('quiet');
    const next = [queue.serve(), queue.serve()];
    assert.ok(next.some((served) => served?.message === message));
  }
});

test('a message with thousands of recipients lets others in between, of its own host too', () => {
  const queue = servedQueue();
  queue.submit('lists', 5000);
  for (let count = 0; count < 300; count += 1) queue.serve();
  const own = queue.submit('lists');
  const other = queue.submit('quiet');
  const served = [queue.serve(), queue.serve(), queue.serve()].map((one) => one?.message);
  assert.ok(served.includes(own) && served.includes(other));
});

test('hosts that submit as much as they like get the same shares', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 50, max: 400 }), { minLength: 2, maxLength: 5 }), (sizes) => {
      const queue = servedQueue();
      sizes.forEach((size, host) => {
        for (let count = 0; count < size; count += 1) queue.submit(`host${host}`);
      });
      const shares = new Map<string, number>();
      // As long as each of them has something waiting.
      for (let count = 0; count < 50 * sizes.length; count += 1) {
        const host = queue.serve()?.host ?? '';
        shares.set(host, (shares.get(host) ?? 0) + 1);
      }
      const counts = [...shares.values()];
      assert.equal(counts.length, sizes.length);
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1);
    }),
    { numRuns: 20 },
  );
});

test('a host that was quiet has saved nothing up', () => {
  const queue = servedQueue();
  for (let count = 0; count < 500; count += 1) {
    queue.submit('busy');
    queue.serve();
  }
  for (let count = 0; count < 100; count += 1) {
    queue.submit('late');
    queue.submit('busy');
  }
  const first = Array.from({ length: 20 }, () => queue.serve()?.host);
  assert.equal(first.filter((host) => host === 'busy').length, 10);
});

test('what was there before a restart comes before what comes after it', () => {
  const ranks = createRanks();
  ranks.serve(70_000);
  assert.ok(ranks.next('any') > 70_000);
  ranks.serve(5);
  assert.ok(ranks.next('other') > 70_000);
});

test('clocks of more hosts than are kept do not pile up, and ranks still grow', () => {
  const ranks = createRanks();
  let last = 0;
  for (let host = 0; host < 25_000; host += 1) {
    const rank = ranks.next(`host${host}`);
    assert.ok(rank >= last);
    last = rank;
    if (host % 10 === 0) ranks.serve(rank);
  }
});
