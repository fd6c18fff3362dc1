import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueuedMessage, QueuedRecipient, Store } from '../../src/queue/index.ts';
import type { Job } from '../../src/send/index.ts';
import type { Answer } from '../../src/system/index.ts';
import { byHand } from '../support/by-hand.ts';
import { temporaryDirectory } from '../support/home.ts';
import { submit } from '../support/open-store.ts';
import { openSending, until } from '../support/sending.ts';

const done: Answer = { verdict: 'K', text: '' };

function allRecipients(store: Store): readonly QueuedRecipient[] {
  return [...store.messages()].flatMap((message) => [...store.recipients(message.id)]);
}

function only<Value>(values: Iterable<Value>): Value {
  const [first, ...more] = values;
  assert.ok(first !== undefined);
  assert.equal(more.length, 0);
  return first;
}

test('what is accepted is delivered, recorded and logged in the words of qmail-log', async () => {
  const jobs: Job[] = [];
  const { sender, store, log, lines, stop } = await openSending({
    deliver: async (job) => {
      jobs.push(job);
      return { verdict: 'K', text: 'did 1+0+0\n' };
    },
  });
  sender.start();
  await submit(store, 'x', ['a@local'], 's@x');
  await until(() => store.counts().messages === 0);
  await stop();
  const { message, address } = only(jobs);
  assert.equal(address, 'a@local');
  assert.deepEqual(lines(), [
    `new msg ${message.id}`,
    `info msg ${message.id}: bytes ${message.sizeBytes} from <s@x> qp ${message.id} uid 7`,
    `starting delivery 1: msg ${message.id} to local a@local`,
    'delivery 1: success: did_1+0+0/',
    `end msg ${message.id}`,
  ]);
  assert.deepEqual(
    log.filter((line) => line.startsWith('status: ')),
    [
      'status: local 0/10 remote 0/20',
      'status: local 1/10 remote 0/20',
      'status: local 0/10 remote 0/20',
      'status: exiting',
    ],
  );
});

test('a job has the recipient after rewriting, and the sender for it', async () => {
  const jobs: Job[] = [];
  const { sender, store, stop } = await openSending({
    controls: { virtualdomains: 'virt.example:joe\n', envnoathost: 'away.example\n' },
    deliver: async (job) => {
      jobs.push(job);
      return done;
    },
  });
  sender.start();
  await submit(store, 'x', ['a@local', 'b@virt.example', 'c'], 'list-@x-@[]');
  await until(() => store.counts().messages === 0);
  await stop();
  assert.deepEqual(jobs.map((job) => [job.address, job.sender, job.recipient.address]).sort(), [
    ['a@local', 'list-a=local@x', 'a@local'],
    ['c@away.example', 'list-c=away.example@x', 'c'],
    ['joe-b@virt.example', 'list-joe-b=virt.example@x', 'b@virt.example'],
  ]);
});

test('a message to nobody ends as it begins', async () => {
  const { sender, store, lines, stop } = await openSending({ deliver: async () => done });
  sender.start();
  await submit(store, 'x', []);
  assert.deepEqual(
    lines().map((line) => line.split(' ', 2).join(' ')),
    ['new msg', 'info msg', 'end msg'],
  );
  await stop();
});

test('no more deliveries run at once than concurrencylocal says, and every recipient has its turn', async () => {
  let running = 0;
  let most = 0;
  const seen = new Map<string, number>();
  const { sender, store, stop } = await openSending({
    controls: { concurrencylocal: '3\n' },
    deliver: async (job) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      seen.set(job.address, (seen.get(job.address) ?? 0) + 1);
      return done;
    },
  });
  const recipients = Array.from({ length: 5000 }, (_, index) => `u${index}@local`);
  sender.start();
  await submit(store, 'x', recipients);
  await until(() => store.counts().messages === 0);
  assert.equal(most, 3);
  assert.equal(seen.size, 5000);
  assert.ok([...seen.values()].every((count) => count === 1));
  await stop();
});

test('a full channel does not hold up the other one', async () => {
  const { deliver, jobs, end } = byHand();
  const { sender, store, stop } = await openSending({
    deliver: (job) => (job.address.endsWith('@local') ? deliver(job) : Promise.resolve(done)),
    controls: { concurrencylocal: '2\n' },
  });
  sender.start();
  await submit(store, 'x', ['a@local', 'b@local', 'c@local', 'd@away', 'e@away']);
  await until(() => store.counts().fresh + store.counts().waiting === 3);
  assert.equal(jobs.length, 2);
  const finished = stop();
  end();
  await finished;
});

test('what cannot be delivered now waits for its time with its report, and then is tried again', async () => {
  let nowMs = 1_000_000_000;
  let isOpen = false;
  const { sender, store, lines, stop } = await openSending({
    now: () => nowMs,
    deliver: async (job) => {
      if (isOpen) return done;
      if (job.address === 'throws@local') throw new Error('disk on fire');
      return { verdict: 'Z', text: 'later (#4.2.1)\n' };
    },
  });
  const birthMs = nowMs;
  sender.start();
  await submit(store, 'x', ['z@local', 'throws@local', 'far@away']);
  await until(() => store.counts().waiting === 3);
  const states = () =>
    allRecipients(store).map(({ address, attempts, triedMs, dueMs, report }) => ({
      address,
      attempts,
      tried: (triedMs - birthMs) / 1000,
      due: (dueMs - birthMs) / 1000,
      report,
    }));
  const fire = 'disk on fire (#4.3.0)\n';
  assert.deepEqual(states(), [
    { address: 'z@local', attempts: 1, tried: 0, due: 100, report: 'later (#4.2.1)\n' },
    { address: 'throws@local', attempts: 1, tried: 0, due: 100, report: fire },
    { address: 'far@away', attempts: 1, tried: 0, due: 400, report: 'later (#4.2.1)\n' },
  ]);
  nowMs += 99_000;
  sender.wake();
  nowMs += 1_000;
  sender.wake();
  await until(() => lines().filter((line) => line.startsWith('delivery ')).length === 5);
  await until(() => states()[1]?.attempts === 2);
  assert.deepEqual(
    states().map(({ attempts, due }) => [attempts, due]),
    [
      [2, 400],
      [2, 400],
      [1, 400],
    ],
  );
  isOpen = true;
  nowMs += 300_000;
  sender.wake();
  await until(() => store.counts().messages === 0);
  await stop();
});

test('after queuelifetime the last attempt is made, and a deferral is a failure then', async () => {
  let nowMs = 1_000_000_000;
  const { sender, store, lines, stop } = await openSending({
    now: () => nowMs,
    controls: { queuelifetime: '100\n', concurrencyremote: '0\n' },
    deliver: async () => ({ verdict: 'Z', text: 'later (#4.2.1)\n' }),
  });
  sender.start();
  await submit(store, 'x', ['z@local'], 's@away');
  await until(() => store.counts().waiting === 1);
  nowMs += 100_000;
  sender.wake();
  await until(() => only(allRecipients(store)).attempts === 2);
  assert.equal(store.counts().waiting, 1);
  nowMs += 300_000;
  sender.wake();
  await until(() => lines().some((line) => line.startsWith('bounce msg ')));
  const [bounce] = store.messages();
  assert.equal(bounce?.sender, '');
  const attempts = lines().filter((line) => line.startsWith('delivery '));
  assert.deepEqual(
    attempts.map((line) => line.split(':')[1]),
    [' deferral', ' deferral', ' failure'],
  );
  assert.match(attempts[2] ?? '', /^delivery 3: failure: later_\(#4\.2\.1\)\/I'm_not_going_to_try_again;/);
  await stop();
});

test('an order to retry makes everything due that waits, once', async () => {
  const tried: string[] = [];
  const { sender, store, close } = await openSending({
    deliver: async (job) => {
      tried.push(job.address);
      return { verdict: 'Z', text: 'later\n' };
    },
  });
  sender.start();
  // More than one order in the store takes, for users that are counted apart.
  const recipients = Array.from({ length: 700 }, (_, index) => `u${index}@local`);
  await submit(store, 'x', recipients);
  await until(() => store.counts().waiting === 700);
  assert.equal(tried.length, 700);
  // The clock goes on at least so much that what was tried was tried before.
  const before = Date.now();
  await until(() => Date.now() > before + 2);
  assert.equal(await sender.retryNow(), 700);
  await until(() => allRecipients(store).every(({ attempts }) => attempts === 2));
  assert.equal(tried.length, 1400);
  const stopped = sender.stop();
  await assert.rejects(sender.retryNow(), /^Error: the hub is stopping: 0 recipients are due now$/);
  await stopped;
  await close();
});

test('what an operator holds is not tried, and what is released is', async () => {
  const tried: string[] = [];
  const { sender, store, lines, stop } = await openSending({
    controls: { concurrencyremote: '0\n' },
    deliver: async (job) => {
      tried.push(job.address);
      return done;
    },
  });
  sender.start();
  await submit(store, 'x', ['a@away', 'b@away', 'c@away', 'd@local'], 's@away');
  await until(() => tried.length === 1);
  const message = only(store.messages());
  const [a, b, c] = [...store.recipients(message.id)];
  assert.ok(a && b && c);
  assert.equal(await sender.steer(message, a, 'hold', ''), true);
  assert.equal(await sender.steer(message, a, 'retry', ''), false);
  assert.deepEqual(
    allRecipients(store).map(({ state }) => state),
    ['held', 'fresh', 'fresh'],
  );
  assert.equal(await sender.steer(message, b, 'delete', ''), true);
  assert.equal(await sender.steer(message, c, 'fail', 'the operator has had enough\n'), true);
  assert.equal(store.counts().failed, 1);
  assert.equal(await sender.steer(message, a, 'release', ''), true);
  assert.equal(only(allRecipients(store).filter(({ state }) => state !== 'failed')).state, 'waiting');
  assert.equal(await sender.steer(message, a, 'delete', ''), true);
  await until(() => lines().some((line) => line.startsWith('bounce msg ')));
  assert.equal(store.message(message.id), undefined);
  await stop();
});

test('a delivery that runs is recorded whatever an operator has ordered meanwhile', async () => {
  const { deliver, jobs, end } = byHand();
  const { sender, store, stop } = await openSending({ deliver });
  sender.start();
  await submit(store, 'x', ['held@local', 'deleted@local']);
  await until(() => jobs.length === 2);
  const { message } = jobs[0] as { message: QueuedMessage } & Job;
  const [held, deleted] = [...store.recipients(message.id)];
  assert.ok(held && deleted);
  await sender.steer(message, held, 'hold', '');
  await sender.steer(message, deleted, 'delete', '');
  end({ verdict: 'Z', text: 'later\n' });
  // The one that was to be deleted goes when its delivery is over.
  await until(
    () =>
      allRecipients(store)
        .map(({ attempts }) => attempts)
        .join() === '1',
  );
  assert.equal(only(allRecipients(store)).state, 'held');
  await stop();
});

test('a start goes on with what the store holds, attempts and times too', async () => {
  const directory = temporaryDirectory();
  const nowMs = 1_000_000_000;
  const first = await openSending({
    directory,
    now: () => nowMs,
    deliver: async () => ({ verdict: 'Z', text: 'later\n' }),
    controls: { concurrencyremote: '0\n' },
  });
  first.sender.start();
  await submit(first.store, 'x', ['z@local', 'fresh@away'], 's@away');
  await until(() => first.store.counts().waiting === 1);
  await first.stop();
  const jobs: Job[] = [];
  const second = await openSending({
    directory,
    now: () => nowMs + 100_000,
    deliver: async (job) => {
      jobs.push(job);
      return done;
    },
  });
  second.sender.start();
  await until(() => second.lines().at(-1)?.startsWith('end msg ') ?? false);
  assert.deepEqual(jobs.map(({ address, recipient }) => [address, recipient.attempts]).sort(), [
    ['fresh@away', 0],
    ['z@local', 1],
  ]);
  await second.stop();
});

test('a stop finishes what runs, starts nothing more, and leaves the rest in the store', async () => {
  const { deliver, jobs, end } = byHand();
  const { sender, store, log, close } = await openSending({ deliver, controls: { concurrencylocal: '2\n' } });
  sender.start();
  await submit(store, 'x', ['a@local', 'b@local', 'c@local', 'd@local']);
  await until(() => jobs.length === 2);
  const stopped = sender.stop();
  end();
  await stopped;
  assert.equal(jobs.length, 2);
  const { messages, fresh, waiting } = store.counts();
  assert.deepEqual({ messages, fresh, waiting }, { messages: 1, fresh: 2, waiting: 0 });
  assert.equal(log.at(-1), 'status: exiting');
  assert.equal(log.at(-2), 'status: local 0/2 remote 0/20 exitasap');
  await close();
});

test('Haraka: mail sent two or three times: a delivery that the store cannot record is not done again, and is recorded when it can be', async () => {
  let deliveries = 0;
  let refusals = 3;
  const { sender, store, log, stop } = await openSending({
    deliver: async () => {
      deliveries += 1;
      return done;
    },
    through: (whole) => ({
      ...whole,
      settle: async (recipient) => {
        refusals -= 1;
        if (refusals >= 0) throw new Error('disk full');
        return whole.settle(recipient);
      },
    }),
  });
  sender.start();
  await submit(store, 'x', ['a@local']);
  await until(() => store.counts().messages === 0);
  assert.equal(deliveries, 1);
  assert.equal(log.filter((line) => line.startsWith('warning: unable to record')).length, 3);
  await stop();
});
