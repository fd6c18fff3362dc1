import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { QueuedRecipient } from '../../src/queue/index.ts';
import { aheadMax, createFreshLine, type FreshLine, togetherMax } from '../../src/send/fresh-line.ts';

function recipientOf(id: number, rank: number, address: string): QueuedRecipient {
  return { id, messageId: id, address, state: 'fresh', rank, attempts: 0, triedMs: 0, dueMs: 0, report: '' };
}

interface Place {
  readonly rank: number;
  readonly address: string;
}

function lineOf(places: readonly Place[], mailboxOf = ({ address }: QueuedRecipient) => address): FreshLine {
  const line = createFreshLine(mailboxOf);
  for (const [id, { rank, address }] of places.entries()) {
    line.push({ recipient: recipientOf(id, rank, address), message: undefined });
  }
  return line;
}

function popAll(line: FreshLine) {
  const all: {
    readonly id: number;
    readonly address: string;
    readonly rank: number;
    readonly isAhead: boolean;
  }[] = [];
  for (let next = line.pop(); next !== undefined; next = line.pop()) {
    const { id, address, rank } = next.recipient;
    all.push({ id, address, rank, isAhead: next.isAhead === true });
  }
  return all;
}

/** As many messages, to each of some users in turn. */
function inTurns(count: number, users: number): readonly Place[] {
  return Array.from({ length: count }, (_, rank) => ({ rank, address: `user${rank % users}` }));
}

test('who is next brings others of the same mailbox along, and they know that they are ahead', () => {
  const all = popAll(lineOf(inTurns(8, 2)));
  assert.deepEqual(
    all.map(({ id, isAhead }) => `${id}${isAhead ? '+' : ''}`),
    ['0', '2+', '4+', '6+', '1', '3+', '5+', '7+'],
  );
});

test('no more than a few go together', () => {
  const ahead = popAll(lineOf(inTurns(togetherMax * 2, 1))).map(({ isAhead }) => isAhead);
  const group = [false, ...Array<boolean>(togetherMax - 1).fill(true)];
  assert.deepEqual(ahead, [...group, ...group]);
});

test('who has not come along when a turn is over waits for his own', () => {
  const line = lineOf(inTurns(4, 2));
  assert.equal(line.pop()?.recipient.id, 0);
  line.part();
  assert.deepEqual(
    popAll(line).map(({ id, isAhead }) => `${id}${isAhead ? '+' : ''}`),
    ['1', '3+', '2'],
  );
});

test('nobody is taken whose turn is far', () => {
  const line = lineOf([
    { rank: 0, address: 'ann' },
    { rank: 1, address: 'bob' },
    { rank: aheadMax, address: 'ann' },
    { rank: aheadMax + 1, address: 'ann' },
  ]);
  assert.deepEqual(
    popAll(line).map(({ id }) => id),
    [0, 2, 1, 3],
  );
});

test('without mailboxes all come in the order of their ranks', () => {
  const line = createFreshLine();
  for (const [id, rank] of [3, 1, 2, 1].entries()) {
    line.push({ recipient: recipientOf(id, rank, 'ann'), message: undefined });
  }
  assert.deepEqual(
    popAll(line).map(({ id }) => id),
    [1, 3, 2, 0],
  );
});

test('a mailbox is that of the arrival, though the settings change', () => {
  let prefix = 'old';
  const line = lineOf(inTurns(6, 2), ({ address }) => `${prefix} ${address}`);
  prefix = 'new';
  assert.deepEqual(
    popAll(line).map(({ id }) => id),
    [0, 2, 4, 1, 3, 5],
  );
  assert.equal(line.size, 0);
});

test('beside a flood that another host sends to one user, or to many, nobody falls behind by more than a window', () => {
  for (const users of [1, 50]) {
    const flood = inTurns(3000, users);
    const others = Array.from({ length: 1000 }, (_, rank) => ({ rank, address: `other${rank}` }));
    const all = popAll(lineOf([...flood, ...others]));
    const places = all.flatMap(({ address }, place) => (address.startsWith('other') ? [place] : []));
    for (const [index, place] of places.entries()) {
      // Alone in turn with the flood it would be the second of each pair.
      assert.ok(place <= 2 * index + 1 + aheadMax + togetherMax, `${users}: number ${index} is at ${place}`);
    }
  }
});

test('whatever comes and goes, each is brought once, and those that are not ahead in the order of their ranks', () => {
  const step = fc.oneof(
    fc.record({ rank: fc.nat({ max: 600 }), address: fc.constantFrom('a', 'b', 'c') }),
    fc.constant('pop' as const),
  );
  const property = fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const line = createFreshLine(({ address }) => address);
    const inLine = new Set<number>();
    const ranks = new Map<number, number>();
    const pop = () => {
      const next = line.pop();
      if (next === undefined) {
        assert.equal(inLine.size, 0);
        return;
      }
      const least = Math.min(...[...inLine].map((id) => ranks.get(id) ?? 0));
      assert.ok(inLine.delete(next.recipient.id), 'brought twice');
      if (next.isAhead !== true) assert.equal(next.recipient.rank, least);
    };
    for (const [id, one] of steps.entries()) {
      if (one === 'pop') pop();
      else {
        inLine.add(id);
        ranks.set(id, one.rank);
        line.push({ recipient: recipientOf(id, one.rank, one.address), message: undefined });
      }
      assert.equal(line.size, inLine.size);
    }
    while (inLine.size > 0) pop();
    assert.equal(line.pop(), undefined);
  });
  fc.assert(property);
});
