import { deepStrictEqual, match, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { Order } from '../../src/queue/index.ts';
import type { Job } from '../../src/send/index.ts';
import { createOrders } from '../../src/send/orders.ts';
import type { Answer } from '../../src/system/index.ts';
import { openSending, type Sending, until } from '../support/sending.ts';
import { submitTo } from '../support/steered-queue.ts';

interface Trying {
  readonly sending: Sending;
  /** The jobs that are being tried; each ends when the test says how. */
  readonly jobs: readonly (Job & { readonly end: (answer: Answer) => void })[];
  steer(address: string, order: Order): Promise<boolean>;
  /** `joe held` for each recipient in the queue. */
  states(): readonly string[];
}

/** A message for joe and ann, who are being tried. */
async function trying(): Promise<Trying> {
  const jobs: (Job & { readonly end: (answer: Answer) => void })[] = [];
  const sending = await openSending({
    controls: { locals: 'here\n', bouncehost: 'here\n' },
    deliver: (job) => new Promise((end) => jobs.push({ ...job, end })),
  });
  const { store, sender } = sending;
  sender.start();
  await submitTo(store, {
    host: '192.0.2.1',
    sender: 'boss@here',
    text: 'x\n',
    recipients: ['joe@here', 'ann@here'],
  });
  await until(() => jobs.length === 2);
  const all = () =>
    [...store.messages()].flatMap((message) =>
      [...store.recipients(message.id)].map((recipient) => ({ message, recipient })),
    );
  return {
    sending,
    jobs,
    async steer(address, order) {
      const found = all().find(({ recipient }) => recipient.address === address);
      if (found === undefined) throw new Error(`${address} is not in the queue`);
      return sender.steer(found.message, found.recipient, order, 'as asked (#5.3.0)\n');
    },
    states: () => all().map(({ recipient }) => `${recipient.address.split('@')[0]} ${recipient.state}`),
  };
}

const delivered: Answer = { verdict: 'K', text: '' };
const later: Answer = { verdict: 'Z', text: 'busy (#4.2.0)\n' };
const never: Answer = { verdict: 'D', text: 'no such user (#5.1.1)\n' };

/** How many lines of the log begin like this. */
function count({ log }: Sending, beginning: string): number {
  return log.filter((line) => line.startsWith(beginning)).length;
}

for (const [name, answer] of [
  ['delivered to', delivered],
  ['deferred', later],
  ['refused', never],
] as const) {
  test(`deleted while it is being tried, then ${name}: gone, and the message ends once`, async () => {
    const { sending, jobs, steer, states } = await trying();
    strictEqual(await steer('joe@here', 'delete'), true);
    deepStrictEqual(states(), ['joe held', 'ann fresh']);
    // The message is still there for the attempt that reads it.
    strictEqual([...sending.store.messages()].length, 1);
    jobs[0]?.end(answer);
    await until(() => states().length === 1);
    strictEqual(count(sending, 'end msg'), 0);
    jobs[1]?.end(delivered);
    await until(() => count(sending, 'end msg 1') === 1);
    deepStrictEqual([states(), jobs.length, count(sending, 'bounce')], [[], 2, 0]);
    match(sending.lines().at(-1) ?? '', /^end msg 1$/);
    await sending.stop();
  });
}

test('the last recipient deleted while it is being tried', async () => {
  const { sending, jobs, steer } = await trying();
  jobs[1]?.end(delivered);
  await until(() => count(sending, 'delivery 2: success') === 1);
  await steer('joe@here', 'delete');
  strictEqual(count(sending, 'end msg'), 0);
  jobs[0]?.end(later);
  await until(() => count(sending, 'end msg 1') === 1);
  strictEqual(sending.store.counts().messages, 0);
  await sending.stop();
});

test('bounced while it is being tried: after a deferral the bounce says why, after a delivery there is none', async () => {
  const { sending, jobs, steer, states } = await trying();
  await steer('joe@here', 'fail');
  await steer('ann@here', 'fail');
  jobs[0]?.end(delivered);
  await until(() => states().length === 1);
  jobs[1]?.end(later);
  await until(() => jobs.length === 3);
  const bounce = jobs[2];
  strictEqual(bounce?.recipient.address, 'boss@here');
  const text = [...sending.store.body(bounce.message).chunks()]
    .map((chunk) => Buffer.from(chunk).toString('latin1'))
    .join('');
  match(text, /<ann@here>:\nas asked \(#5\.3\.0\)\n/);
  strictEqual(text.includes('joe'), false);
  bounce.end(delivered);
  await until(() => count(sending, 'end msg') === 2);
  await sending.stop();
});

test('held while it is being tried: it is not tried again before it is released', async () => {
  const { sending, jobs, steer, states } = await trying();
  strictEqual(await steer('joe@here', 'hold'), true);
  jobs[0]?.end(later);
  jobs[1]?.end(delivered);
  await until(() => states().join() === 'joe held');
  await sending.sender.retryNow();
  strictEqual(jobs.length, 2);
  strictEqual(await steer('joe@here', 'retry'), false);
  strictEqual(await steer('joe@here', 'release'), true);
  await until(() => jobs.length === 3);
  strictEqual(jobs[2]?.recipient.attempts, 1);
  jobs[2]?.end(delivered);
  await until(() => count(sending, 'end msg') === 1);
  await sending.stop();
});

test('of two orders during an attempt the last one counts', async () => {
  const { sending, jobs, steer, states } = await trying();
  await steer('joe@here', 'delete');
  await steer('joe@here', 'release');
  jobs[0]?.end(later);
  jobs[1]?.end(delivered);
  await until(() => states().join() === 'joe waiting');
  await sending.stop();
});

test('when everything ends, what was ordered is done first', async () => {
  const { sending, jobs, steer } = await trying();
  await steer('joe@here', 'delete');
  const stopped = sending.stop();
  jobs[0]?.end(later);
  jobs[1]?.end(later);
  await stopped;
  const next = await openSending({ directory: sending.directory, deliver: async () => later });
  deepStrictEqual(
    [...next.store.recipients(1)].map(({ address }) => address),
    ['ann@here'],
  );
  await next.stop();
});

test('when everything ends at once, the recipient is held', async () => {
  const { sending, steer } = await trying();
  await steer('joe@here', 'delete');
  await sending.close();
  const next = await openSending({ directory: sending.directory, deliver: async () => later });
  deepStrictEqual(
    [...next.store.recipients(1)].map(({ address, state }) => `${address} ${state}`),
    ['joe@here held', 'ann@here fresh'],
  );
  await next.stop();
});

test('a retry is for now, whatever its destination has done', async () => {
  const { sending, jobs, steer, states } = await trying();
  jobs[0]?.end(later);
  jobs[1]?.end(delivered);
  await until(() => states().join() === 'joe waiting');
  strictEqual(await steer('joe@here', 'retry'), true);
  await until(() => jobs.length === 3);
  jobs[2]?.end(delivered);
  await until(() => count(sending, 'end msg') === 1);
  await sending.stop();
});

const someMessage = {
  id: 1,
  birthMs: 0,
  caller: 'network',
  host: '',
  sender: '',
  sizeBytes: 0,
  headerMessageId: '',
};

const someRecipient = {
  id: 1,
  messageId: 1,
  address: 'joe@here',
  state: 'held',
  rank: 1,
  attempts: 0,
  triedMs: 0,
  dueMs: 0,
  report: '',
} as const;

/** What the orders of these tests have no use for. */
const unused = { withhold: () => undefined, allow: () => undefined, onChanged: () => undefined };

test('an attempt after which nothing was ordered is waited for by nobody', () => {
  const orders = createOrders({
    ...unused,
    store: { steer: async () => 'unchanged' },
    recorder: { record: (_what, _recipients, write) => write() },
    isTaken: () => true,
    now: Date.now,
  });
  strictEqual(orders.attemptOver(someRecipient), undefined);
  strictEqual(orders.running, 0);
});

test('a released recipient is looked for at the time at which the store was told, however long it took', async () => {
  let nowMs = 1000;
  const changed: number[] = [];
  const orders = createOrders({
    ...unused,
    store: {
      steer: async () => {
        nowMs += 500;
        return 'open';
      },
    },
    recorder: { record: (_what, _recipients, write) => write() },
    isTaken: () => false,
    now: () => nowMs,
    onChanged: (_message, _recipient, _progress, dueMs) => changed.push(dueMs),
  });
  strictEqual(await orders.steer(someMessage, someRecipient, 'release', ''), true);
  deepStrictEqual(changed, [1000]);
});

test('an order that the store refuses is not carried out later', async () => {
  const orders = createOrders({
    ...unused,
    store: {
      steer: async () => {
        throw new Error('disk full');
      },
    },
    recorder: { record: (_what, _recipients, write) => write() },
    isTaken: () => true,
    now: Date.now,
  });
  await rejects(orders.steer(someMessage, someRecipient, 'delete', ''), /disk full/);
  strictEqual(orders.attemptOver(someRecipient), undefined);
});

test('no attempt begins while an order is on its way, and what the order has changed is told before one may', async () => {
  const calls: string[] = [];
  let isFull = false;
  const orders = createOrders({
    store: {
      steer: async (_recipient, order) => {
        calls.push(order);
        if (isFull) throw new Error('disk full');
        return 'open';
      },
    },
    recorder: { record: (_what, _recipients, write) => write() },
    isTaken: () => false,
    withhold: ({ id }) => calls.push(`withhold ${id}`),
    allow: ({ id }) => calls.push(`allow ${id}`),
    now: Date.now,
    onChanged: () => calls.push('changed'),
  });
  await orders.steer(someMessage, someRecipient, 'delete', '');
  deepStrictEqual(calls.splice(0), ['withhold 1', 'delete', 'changed', 'allow 1']);
  isFull = true;
  await rejects(orders.steer(someMessage, someRecipient, 'hold', ''), /disk full/);
  deepStrictEqual(calls, ['withhold 1', 'hold', 'allow 1']);
});

for (const order of ['fail', 'delete', 'hold'] as const) {
  for (const isRefused of [false, true]) {
    const fate = isRefused ? 'is tried when the store has refused the order' : 'is not tried';
    test(`whoever is next while ${order} is on its way to the store ${fate}`, async () => {
      const gate = Promise.withResolvers<void>();
      const tried: string[] = [];
      const ann = Promise.withResolvers<Answer>();
      const { store, sender, stop } = await openSending({
        controls: { concurrencylocal: '1\n', locals: 'here\n', bouncehost: 'here\n' },
        async deliver({ address }) {
          tried.push(address);
          return address === 'ann@here' ? ann.promise : delivered;
        },
        through: (whole) => ({
          ...whole,
          async steer(...args) {
            await gate.promise;
            return whole.steer(...args);
          },
        }),
      });
      sender.start();
      const recipients = ['ann@here', 'joe@here', 'zoe@here'];
      const [, joe] = await submitTo(store, { host: '', sender: 'boss@here', text: 'x\n', recipients });
      await until(() => tried.length === 1);
      const message = store.message(joe?.messageId ?? 0);
      if (joe === undefined || message === undefined) throw new Error('joe is not in the queue');
      const steered = sender.steer(message, joe, order, 'as asked (#5.3.0)\n');
      ann.resolve(delivered);
      // Joe's turn has passed when the one behind him has had hers.
      await until(() => [...store.recipients(message.id)].length === 1);
      deepStrictEqual(tried, ['ann@here', 'zoe@here']);
      if (isRefused) {
        gate.reject(new Error('disk full'));
        await rejects(steered, /disk full/);
      } else {
        gate.resolve();
        strictEqual(await steered, true);
        await sender.retryNow();
      }
      const after = { fail: ['boss@here'], delete: [], hold: [] }[order];
      const expected = ['ann@here', 'zoe@here', ...(isRefused ? ['joe@here'] : after)];
      const left = order === 'hold' && !isRefused ? 1 : 0;
      await until(() => store.counts().messages === left && tried.length >= expected.length);
      await stop();
      deepStrictEqual(tried, expected);
    });
  }
}
