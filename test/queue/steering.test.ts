import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import {
  carryOut,
  countMeant,
  createMatcher,
  everything,
  type Filter,
  fittingMessages,
  type Order,
  type Steer,
  type Store,
} from '../../src/queue/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import {
  birthMs,
  minuteMs,
  openQuietStore,
  openSteeredQueue,
  statesIn,
  submitTo,
} from '../support/steered-queue.ts';

const start = [
  'joe fresh',
  'far waiting',
  'gone failed',
  'held held',
  'x0 fresh',
  'x1 fresh',
  'x2 fresh',
  'x3 fresh',
  'x4 fresh',
];

const laterMs = birthMs + 100 * minuteMs;

function orderFor(order: Order, part: Partial<Filter> = {}) {
  return { order, filter: { ...everything, ...part }, nowMs: laterMs, report: 'so be it (#5.3.0)\n' };
}

function steerOf(store: Store): Steer {
  return async (_message, recipient, order, report) =>
    (await store.steer(recipient, order, report)) !== 'unchanged';
}

/** What an order counts, what it changes, and the states after it. */
async function after(order: Order, part?: Partial<Filter>) {
  const { store, directory, close } = await openSteeredQueue();
  const meant = await countMeant(orderFor(order, part), { queue: store });
  deepStrictEqual(statesIn(directory), start);
  const changed = await carryOut(orderFor(order, part), steerOf(store), { queue: store });
  deepStrictEqual(changed, meant);
  const { fresh, waiting, held, failed, messages } = store.counts();
  const states = statesIn(directory);
  deepStrictEqual(
    [fresh, waiting, held, failed],
    ['fresh', 'waiting', 'held', 'failed'].map(
      (name) => states.filter((state) => state.endsWith(name)).length,
    ),
  );
  await close();
  return { ...meant, left: messages, states };
}

test('hold what is not done, and nothing that is', async () => {
  const { recipients, messages, states } = await after('hold');
  deepStrictEqual([recipients, messages], [7, 2]);
  deepStrictEqual(
    states,
    start.map((state) => state.replace(/fresh|waiting/, 'held')),
  );
});

test('release what is held', async () => {
  const { recipients, messages, states } = await after('release');
  deepStrictEqual([recipients, messages], [1, 1]);
  deepStrictEqual(states, start.toSpliced(3, 1, 'held waiting'));
});

test('retry what waits, at once', async () => {
  const { store, close } = await openSteeredQueue();
  strictEqual(store.due({ order: -1, id: -1 }, birthMs + 3 * minuteMs, 10).length, 0);
  const changed = await carryOut(orderFor('retry'), steerOf(store), { queue: store });
  deepStrictEqual(changed, { recipients: 1, messages: 1 });
  const due = store.due({ order: -1, id: -1 }, birthMs + 3 * minuteMs, 10);
  deepStrictEqual(
    due.map(({ address, attempts }) => [address, attempts]),
    [['far@two.example', 2]],
  );
  await close();
});

test('bounce what is not done: the bounces are due', async () => {
  const { store, close } = await openSteeredQueue();
  const changed = await carryOut(orderFor('fail'), steerOf(store), { queue: store });
  deepStrictEqual(changed, { recipients: 8, messages: 3 });
  const due = store.bouncesDue(0, 10);
  strictEqual(due.length, 3);
  const reports = due.flatMap(({ id }) => [...store.recipients(id)].map(({ report }) => report));
  deepStrictEqual(
    reports.filter((report) => report !== 'so be it (#5.3.0)\n'),
    ['no such user (#5.1.1)\n'],
  );
  await close();
});

test('delete forgets whole messages, with what has failed: no bounce is due', async () => {
  const { recipients, messages, states, left } = await after('delete');
  deepStrictEqual([recipients, messages, left], [9, 3, 0]);
  deepStrictEqual(states, []);
});

test('delete leaves the failed one when it is not asked for', async () => {
  const { recipients, messages, states } = await after('delete', { states: ['fresh', 'waiting'] });
  deepStrictEqual([recipients, messages], [7, 2]);
  deepStrictEqual(states, ['gone failed', 'held held']);
});

test('delete leaves alone what is being bounced', async () => {
  const { store, directory, close } = await openSteeredQueue();
  await carryOut(orderFor('fail', { messages: ['1'] }), steerOf(store), { queue: store });
  strictEqual(store.bouncesDue(0, 10).length, 1);
  const order = orderFor('delete', { messages: ['1'] });
  deepStrictEqual(await countMeant(order, { queue: store }), { recipients: 0, messages: 0 });
  const [first] = store.recipients(1);
  if (first === undefined) throw new Error('nothing has failed');
  strictEqual(await store.steer(first, 'delete'), 'unchanged');
  strictEqual(statesIn(directory).length, start.length);
  await close();
});

test('filters choose', async () => {
  const { store, close } = await openSteeredQueue();
  const counts = async (order: Order, part: Partial<Filter>) =>
    Object.values(await countMeant(orderFor(order, part), { queue: store }));
  deepStrictEqual(await counts('hold', { messages: ['1', '3'] }), [7, 2]);
  deepStrictEqual(await counts('hold', { messages: ['five@one.example'] }), [5, 1]);
  deepStrictEqual(await counts('hold', { messages: ['77'] }), [0, 0]);
  deepStrictEqual(await counts('delete', { senders: [''] }), [1, 1]);
  deepStrictEqual(await counts('delete', { senders: ['root@one.example'] }), [8, 2]);
  deepStrictEqual(await counts('hold', { domains: ['two.example'] }), [1, 1]);
  deepStrictEqual(await counts('delete', { domains: ['two.example'] }), [2, 1]);
  deepStrictEqual(await counts('hold', { domains: ['.two.example'] }), [5, 1]);
  deepStrictEqual(await counts('hold', { recipients: ['X3@sub.two.example'] }), [1, 1]);
  deepStrictEqual(await counts('hold', { hosts: ['192.0.2.2'], states: ['fresh'] }), [5, 1]);
  deepStrictEqual(await counts('hold', { hosts: ['192.0.2.2'], states: ['waiting'] }), [0, 0]);
  deepStrictEqual(await counts('hold', { beforeMs: birthMs + minuteMs }), [2, 1]);
  await close();
});

test('what is accepted after the order was given is not meant', async () => {
  const { store, close } = await openSteeredQueue();
  const order = { ...orderFor('hold'), nowMs: birthMs };
  deepStrictEqual(await countMeant(order, { queue: store }), { recipients: 2, messages: 1 });
  await close();
});

test('orders that were carried out already change nothing', async () => {
  const { store, close } = await openSteeredQueue();
  const hold = orderFor('hold');
  const [joe] = store.recipients(1);
  if (joe === undefined) throw new Error('no recipient');
  await carryOut(hold, steerOf(store), { queue: store });
  deepStrictEqual(await carryOut(hold, steerOf(store), { queue: store }), { recipients: 0, messages: 0 });
  for (const order of ['hold', 'retry'] as const) strictEqual(await store.steer(joe, order), 'unchanged');
  await store.settle(joe);
  for (const order of ['hold', 'retry', 'release', 'fail', 'delete'] as const) {
    strictEqual(await store.steer(joe, order), 'unchanged');
  }
  await close();
});

test('many recipients: pages leave room for others, and a signal ends it between two of them', async () => {
  const store = await openQuietStore(temporaryDirectory());
  const recipients = Array.from({ length: 1500 }, (_, index) => `r${index}@example.com`);
  await submitTo(store, { host: '', sender: 's@x.y', text: 'x\n', recipients });
  let turns = 0;
  const counting = setInterval(() => {
    turns += 1;
  }, 0);
  const order = { ...orderFor('hold'), nowMs: Date.now() };
  const page = new AbortController();
  let steered = 0;
  const steer: Steer = async (...call) => {
    steered += 1;
    if (steered === 250) page.abort(new Error('enough'));
    return steerOf(store)(...call);
  };
  await rejects(carryOut(order, steer, { queue: store, signal: page.signal }), /enough/);
  strictEqual(store.counts().held, 400);
  strictEqual(turns > 0, true);
  clearInterval(counting);
  deepStrictEqual(await carryOut(order, steerOf(store), { queue: store }), { recipients: 1100, messages: 1 });
  await store.close();
});

test('messages that do not fit are named as such, so that the caller can pause', async () => {
  const { store, close } = await openSteeredQueue();
  const ids = (part: Partial<Filter>) =>
    [...fittingMessages(store, createMatcher({ ...everything, ...part }))].map((message) => message?.id);
  deepStrictEqual(ids({}), [1, 2, 3]);
  deepStrictEqual(ids({ hosts: [''] }), [undefined, 2, undefined]);
  deepStrictEqual(ids({ messages: ['3', '9', '1'], hosts: ['192.0.2.1'] }), [1, undefined, undefined]);
  await close();
});
