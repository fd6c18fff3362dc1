import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueuedMessage, QueuedRecipient } from '../../src/queue/index.ts';
import { createLine, type Line, lineSizes } from '../../src/send/line.ts';
import { acceptOperation, openBoth, recipientId } from '../support/operations.ts';

const message: QueuedMessage = {
  id: 1,
  birthMs: 0,
  caller: 'network',
  host: '',
  sender: '',
  sizeBytes: 1,
  headerMessageId: '',
};

/** A line of those whose address begins with `a`, over a store. */
function openLine(sizes = { lineMax: 3, lineHardMax: 6, refillCount: 2 }) {
  const both = openBoth();
  const inMemory = new Set<number>();
  const arriving = new Set<number>();
  const { reader } = both;
  const line = createLine({
    store: { ...reader, isArriving: (id) => arriving.has(id) },
    inMemory,
    belongs: ({ address }) => address.startsWith('a'),
    sizes,
  });
  /** What one pump does: whatever is brought until a look brings nothing new. */
  function popAll(nowMs: number): readonly string[] {
    const addresses: string[] = [];
    for (let looks = 0; looks < 1000; looks += 1) {
      for (let next = line.pop(nowMs); next !== undefined; next = line.pop(nowMs)) {
        addresses.push(next.recipient.address);
      }
      if (line.nextLookMs === undefined || line.nextLookMs > nowMs) return addresses;
    }
    throw new Error('the line is looked into for ever');
  }
  return { ...both, line, inMemory, arriving, popAll };
}

function fresh(id: number, rank: number, address = `a${id}`): QueuedRecipient {
  return {
    id: recipientId(id),
    messageId: id,
    address,
    state: 'fresh',
    rank,
    attempts: 0,
    triedMs: 0,
    dueMs: 0,
    report: '',
  };
}

function arrive(line: Line, recipient: QueuedRecipient): void {
  line.arrive({ recipient, message });
}

test('what the store holds comes in the order of ranks, page by page, whatever belongs to others', () => {
  const { apply, popAll, close } = openLine();
  const names = ['b', 'b', 'b', 'b', 'b', 'a', 'b', 'a', 'a'];
  apply(
    ...names.map((name, index) => acceptOperation(index + 1, { recipients: [`${name}${index}`], rank: 7 })),
    acceptOperation(20, { recipients: ['a20'], rank: 1 }),
  );
  assert.deepEqual(popAll(0), ['a20', 'a5', 'a7', 'a8']);
  close();
});

test('what waits comes in the order of times when its time has come, and not before', () => {
  const { apply, popAll, line, close } = openLine();
  const times = [5, 3, 3, 9, 3, 3, 3];
  times.forEach((dueMs, index) => {
    const defer = { attempts: 1, triedMs: 0, dueMs, report: '' };
    apply(acceptOperation(index + 1, { recipients: [`a${index}`] }), {
      kind: 'defer',
      recipientId: recipientId(index + 1),
      ...defer,
    });
  });
  assert.deepEqual(popAll(2), []);
  assert.equal(line.nextLookMs, 3);
  assert.deepEqual(popAll(4), ['a1', 'a2', 'a4', 'a5', 'a6']);
  assert.equal(line.nextLookMs, 5);
  assert.deepEqual(popAll(8), ['a0']);
  // One that is deferred to a time before the others'.
  apply({ kind: 'defer', recipientId: recipientId(1), attempts: 2, triedMs: 8, dueMs: 8, report: '' });
  line.waits(8);
  assert.deepEqual(popAll(8), []);
  close();
});

test('a recipient that is in memory already does not come twice', () => {
  const { apply, popAll, line, inMemory, close } = openLine();
  apply(acceptOperation(1, { recipients: ['a1'] }));
  arrive(line, fresh(1, 1));
  assert.deepEqual(popAll(0), ['a1']);
  assert.ok(inMemory.has(recipientId(1)));
  line.lookAgain();
  assert.deepEqual(popAll(0), []);
  close();
});

test('a message that is arriving is brought by its arrival and not by the store', () => {
  const { apply, popAll, line, arriving, close } = openLine();
  assert.deepEqual(popAll(0), []);
  apply(acceptOperation(1, { recipients: ['a1'] }));
  arriving.add(1);
  line.lookAgain();
  assert.deepEqual(popAll(0), []);
  arriving.delete(1);
  arrive(line, fresh(1, 1));
  assert.deepEqual(popAll(0), ['a1']);
  assert.deepEqual(popAll(0), []);
  close();
});

test('more than there is room for stays outside, and comes in its turn', () => {
  const { apply, popAll, line, inMemory, close } = openLine();
  assert.deepEqual(popAll(0), []);
  for (let id = 1; id <= 20; id += 1) {
    apply(acceptOperation(id, { recipients: [`a${id}`] }));
    arrive(line, fresh(id, id));
  }
  assert.equal(inMemory.size, 3);
  // These come before what is outside, and are let in up to the hard limit.
  for (let id = 21; id <= 30; id += 1) {
    apply(acceptOperation(id, { recipients: [`a${id}`], rank: 0 }));
    arrive(line, fresh(id, 0));
  }
  assert.equal(inMemory.size, 6);
  const all = popAll(0);
  assert.equal(all.length, 30);
  assert.equal(new Set(all).size, 30);
  // Three were there, and three of the lowest rank were let in before them.
  assert.deepEqual(all.slice(0, 6), ['a21', 'a22', 'a23', 'a1', 'a2', 'a3']);
  close();
});

test('a flood of new mail starves deliveries (silly qmail syndrome): new mail and old take turns', () => {
  const { apply, line, close } = openLine({ ...lineSizes });
  for (let id = 1; id <= 6; id += 1) {
    apply(
      acceptOperation(id, { recipients: [`a-new${id}`] }),
      acceptOperation(id + 10, { recipients: ['a-old'] }),
      {
        kind: 'defer',
        recipientId: recipientId(id + 10),
        attempts: 1,
        triedMs: 0,
        dueMs: 1,
        report: '',
      },
    );
  }
  const states = Array.from({ length: 8 }, () => line.pop(1)?.recipient.state);
  assert.equal(states.filter((state) => state === 'fresh').length, 4);
  assert.ok(states.every((state, index) => index === 0 || state !== states[index - 1]));
  close();
});

test('a look is due at once while the store may hold more, and never when it holds nothing', () => {
  const { apply, line, popAll, close } = openLine();
  assert.equal(line.nextLookMs, Number.NEGATIVE_INFINITY);
  popAll(0);
  assert.equal(line.nextLookMs, undefined);
  line.waits(77);
  line.waits(99);
  assert.equal(line.nextLookMs, 77);
  popAll(80);
  assert.equal(line.nextLookMs, undefined);
  apply(acceptOperation(1, { recipients: ['a1'] }));
  line.lookAgain();
  assert.equal(line.nextLookMs, Number.NEGATIVE_INFINITY);
  assert.deepEqual(popAll(80), ['a1']);
  close();
});

test('what is put back is next again, in its turn', () => {
  const { line, popAll, close } = openLine();
  popAll(0);
  arrive(line, fresh(1, 1));
  arrive(line, fresh(2, 2));
  const next = line.pop(0);
  assert.equal(next?.recipient.address, 'a1');
  line.putBack(next);
  assert.deepEqual(popAll(0), ['a1', 'a2']);
  close();
});
