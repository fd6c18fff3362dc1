import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueuedRecipient, Store } from '../../src/queue/index.ts';
import { createSender, type Deliver, type Job, type Sender } from '../../src/send/index.ts';
import { openTestStore, submit } from '../support/open-store.ts';

interface Running {
  readonly sender: Sender;
  readonly store: Store;
  readonly log: readonly string[];
  /** Gives the store's accepted messages to the sender. */
  pass(): void;
}

interface Setting {
  readonly deliver: Deliver;
  readonly concurrency?: number;
  /** What the sender gets in place of the store. */
  readonly through?: (store: Store) => Store;
}

async function startSender({
  deliver,
  concurrency = 10,
  through = (store) => store,
}: Setting): Promise<Running> {
  const { store, accepted } = await openTestStore();
  const log: string[] = [];
  const locals = new Set(['local']);
  const sender = createSender({
    store: through(store),
    routes: () => ({ locals, percenthack: new Set(), envnoathost: 'local' }),
    deliverLocally: deliver,
    deliverRemotely: async () => ({ verdict: 'Z', text: 'no way out (#4.4.1)' }),
    concurrencyLocal: concurrency,
    concurrencyRemote: 20,
    log: (line) => log.push(line),
    uidOf: () => '7',
    now: Date.now,
  });
  return {
    sender,
    store,
    log,
    pass: () => {
      for (const { message, recipients } of accepted.splice(0)) sender.accepted(message, recipients);
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}

test('what is accepted is delivered, recorded and logged in the words of qmail-log', async () => {
  const jobs: Job[] = [];
  const { sender, store, log, pass } = await startSender({
    deliver: async (job) => {
      jobs.push(job);
      return { verdict: 'K', text: 'did 1+0+0\n' };
    },
  });
  sender.start();
  await submit(store, 'x', ['a@local'], 's@x');
  pass();
  await until(() => store.counts().messages === 0);
  await sender.stop();
  assert.deepEqual(
    jobs.map((job) => job.address),
    ['a@local'],
  );
  const id = jobs[0]?.message.id;
  const bytes = jobs[0]?.message.sizeBytes;
  assert.deepEqual(
    log.filter((line) => !line.startsWith('status: ')),
    [
      `new msg ${id}`,
      `info msg ${id}: bytes ${bytes} from <s@x> qp ${id} uid 7`,
      `starting delivery 1: msg ${id} to local a@local`,
      'delivery 1: success: did_1+0+0/',
      `end msg ${id}`,
    ],
  );
  assert.equal(log.at(-1), 'status: exiting');
  await store.close();
});

test('no more deliveries run at once than concurrencylocal says, and every recipient has its turn', async () => {
  let running = 0;
  let most = 0;
  const seen = new Map<string, number>();
  const { sender, store, pass } = await startSender({
    concurrency: 3,
    deliver: async (job) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      seen.set(job.address, (seen.get(job.address) ?? 0) + 1);
      return { verdict: 'K', text: '' };
    },
  });
  const recipients = Array.from({ length: 5000 }, (_, index) => `u${index}@local`);
  sender.start();
  await submit(store, 'x', recipients);
  pass();
  await until(() => store.counts().messages === 0);
  assert.equal(most, 3);
  assert.equal(seen.size, 5000);
  assert.ok([...seen.values()].every((count) => count === 1));
  await sender.stop();
  await store.close();
});

test('what cannot be delivered now is deferred with its report; so is what has no way out', async () => {
  const { sender, store, pass } = await startSender({
    deliver: async (job) => {
      if (job.address === 'throws@local') throw new Error('disk on fire');
      return { verdict: 'Z', text: 'later (#4.2.1)' };
    },
  });
  sender.start();
  const before = Date.now();
  await submit(store, 'x', ['z@local', 'throws@local', 'far@away']);
  pass();
  const all = (): readonly QueuedRecipient[] => store.due(Number.MAX_SAFE_INTEGER, 10);
  await until(() => all().every((recipient) => recipient.attempts === 1));
  const reports = new Map(all().map((recipient) => [recipient.address, recipient.report]));
  assert.equal(reports.get('z@local'), 'later (#4.2.1)');
  assert.match(reports.get('throws@local') ?? '', /disk on fire/);
  assert.match(reports.get('far@away') ?? '', /no way out/);
  for (const recipient of all()) {
    const wait = recipient.address.endsWith('local') ? 100_000 : 400_000;
    assert.ok(recipient.dueMs >= before + wait && recipient.dueMs <= Date.now() + wait + 1000);
  }
  await sender.stop();
  await store.close();
});

test('a start goes on with what the store holds', async () => {
  const done: string[] = [];
  const { sender, store } = await startSender({
    deliver: async (job) => {
      done.push(job.address);
      return { verdict: 'K', text: '' };
    },
  });
  await submit(store, 'x', ['a@local', 'b@local']);
  sender.start();
  await until(() => store.counts().messages === 0);
  assert.deepEqual(done.sort(), ['a@local', 'b@local']);
  await sender.stop();
  await store.close();
});

test('a stop finishes what runs, starts nothing more, and leaves the rest in the store', async () => {
  const release: (() => void)[] = [];
  const { sender, store, pass } = await startSender({
    concurrency: 2,
    deliver: () => new Promise((resolve) => release.push(() => resolve({ verdict: 'K', text: '' }))),
  });
  sender.start();
  await submit(store, 'x', ['a@local', 'b@local', 'c@local', 'd@local']);
  pass();
  await until(() => release.length === 2);
  const stopped = sender.stop();
  for (const finish of release) finish();
  await stopped;
  assert.equal(release.length, 2);
  assert.deepEqual(store.counts(), { messages: 1, recipients: 2, incoming: 0 });
  await store.close();
});

test('a delivery that the store cannot record is not done again, and is recorded when it can be', async () => {
  let full = true;
  const refusing = (store: Store): Store => ({
    ...store,
    settle: async (recipient) => {
      if (full) throw new Error('disk full');
      return store.settle(recipient);
    },
  });
  const done: number[] = [];
  const { sender, store, log, pass } = await startSender({
    deliver: async ({ recipient }) => {
      done.push(recipient.id);
      return { verdict: 'K', text: '' };
    },
    concurrency: 2,
    through: refusing,
  });
  for (let message = 0; message < 20; message += 1) await submit(store, 'x', ['a@local']);
  pass();
  sender.start();
  const warnings = () => log.filter((line) => line.startsWith('warning: unable to record'));
  await until(() => warnings().length >= 6);
  assert.ok(done.length < 10, `${done.length} were begun while none could be recorded`);
  full = false;
  await until(() => store.counts().messages === 0);
  assert.equal(done.length, 20);
  assert.equal(new Set(done).size, 20);
  await sender.stop();
  await store.close();
});
