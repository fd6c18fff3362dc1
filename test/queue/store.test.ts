import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { type Place, type QueuedRecipient, recipientsMax, storePath } from '../../src/queue/index.ts';
import { bytesOf } from '../../src/system/index.ts';
import { type DirectStoreWorker, directStoreWorker } from '../support/direct-store-worker.ts';
import { temporaryDirectory } from '../support/home.ts';
import { allRecipients, bodyText, countsOf, only, openTestStore, submit } from '../support/open-store.ts';

const beginning: Place = { order: -1, id: -1 };

test('an accepted message is fresh at once and carries its bytes', async () => {
  const { store, accepted } = await openTestStore({ now: () => 1_000_000 });
  const text = 'Message-ID: <1@x>\n\nbody\0\xff\n';
  const answer = await submit(store, text, ['a@example.org', 'b@example.org']);
  assert.equal(answer.verdict, 'K');
  const [entry] = accepted;
  assert.ok(entry);
  assert.deepEqual(store.fresh(beginning, 10), entry.recipients);
  assert.deepEqual(store.message(entry.message.id), { ...entry.message, open: 2, failed: 0 });
  assert.equal(entry.message.headerMessageId, '<1@x>');
  assert.equal(bodyText(store, entry.message.id), text);
  assert.deepEqual(store.due(beginning, 2_000_000, 10), []);
  await store.close();
});

test('the ranks of a message begin where the caller says, one for each domain', async () => {
  const hosts: string[] = [];
  const rankFor = (host: string) => {
    hosts.push(host);
    return 40;
  };
  const { store } = await openTestStore({ rankFor });
  await submit(store, 'x', ['a@x', 'b@y', 'c@x'], 's@x', '192.0.2.7');
  assert.deepEqual(
    store.fresh(beginning, 10).map(({ rank }) => rank),
    [40, 40, 41],
  );
  assert.deepEqual(hosts, ['192.0.2.7']);
  await store.close();
});

test('the last recipient that is settled takes the message with it', async () => {
  const { store, accepted } = await openTestStore();
  await submit(store, 'x', ['a@example.org', 'b@example.org']);
  await submit(store, 'y', ['c@example.org']);
  const [first, second] = accepted;
  assert.ok(first && second);
  const [one, two] = first.recipients;
  assert.ok(one && two);
  assert.equal(await store.settle(one), 'open');
  assert.equal(await store.settle(two), 'finished');
  assert.equal(store.message(first.message.id), undefined);
  assert.deepEqual(countsOf(store), only({ messages: 1, fresh: 1 }));
  assert.equal(bodyText(store, second.message.id), 'y');
  await store.close();
});

test('a deferred recipient waits for its time, with its attempts and report', async () => {
  const { store, accepted } = await openTestStore({ now: () => 5000 });
  await submit(store, 'x', ['a@example.org']);
  const recipient = accepted[0]?.recipients[0];
  assert.ok(recipient);
  const deferral = { attempts: 1, triedMs: 6000, dueMs: 9000, report: 'busy \xe9 (#4.3.0)' };
  await store.defer(recipient, deferral);
  assert.deepEqual(store.due(beginning, 8999, 10), []);
  assert.equal(store.nextDueMs(5000), 9000);
  assert.equal(store.nextDueMs(9000), undefined);
  assert.deepEqual(store.due(beginning, 9000, 10), [{ ...recipient, ...deferral, state: 'waiting' }]);
  assert.equal(await store.hasten(7000, 10), 1);
  assert.equal(store.due(beginning, 7000, 10).length, 1);
  await store.close();
});

test('orders are carried out at the time that the clock shows', async () => {
  let nowMs = 5000;
  const { store, accepted } = await openTestStore({ now: () => nowMs });
  await submit(store, 'x', ['a@x', 'b@x']);
  const [a, b] = accepted[0]?.recipients ?? [];
  assert.ok(a && b);
  assert.equal(await store.steer(a, 'hold'), 'open');
  assert.deepEqual(countsOf(store), only({ messages: 1, fresh: 1, held: 1 }));
  nowMs = 7000;
  assert.equal(await store.steer(a, 'release'), 'open');
  assert.equal(await store.steer(a, 'release'), 'unchanged');
  assert.equal(store.due(beginning, 7000, 9)[0]?.dueMs, 7000);
  assert.equal(await store.steer(b, 'delete'), 'open');
  assert.equal(await store.steer(a, 'fail', 'because'), 'bounceDue');
  assert.deepEqual(
    allRecipients(store).map(({ state, report }) => [state, report]),
    [['failed', 'because']],
  );
  await store.close();
});

test('a bounce takes the place of its message, or the message goes without one', async () => {
  const { store, accepted } = await openTestStore();
  await submit(store, 'x', ['a@x']);
  await submit(store, 'y', ['b@x']);
  const failed = { attempts: 1, triedMs: 1, report: 'no' };
  for (const { recipients } of accepted) {
    for (const recipient of recipients) assert.equal(await store.fail(recipient, failed), 'bounceDue');
  }
  const [first, second] = store.bouncesDue(0, 9);
  assert.ok(first && second);
  const bounce = store.beginBounce(first);
  bounce.write(bytesOf('bounce'));
  assert.equal((await bounce.commit({ sender: '', recipients: ['s@x'] })).verdict, 'K');
  assert.deepEqual(countsOf(store), only({ messages: 2, fresh: 1, failed: 1 }));
  assert.equal(accepted[2]?.message.caller, 'bounce');
  assert.equal(accepted[2]?.message.host, '192.0.2.1');
  await store.discard(second);
  assert.deepEqual(countsOf(store), only({ messages: 1, fresh: 1 }));
  // A second bounce of the same message finds that it is gone.
  const again = store.beginBounce(first);
  assert.equal((await again.commit({ sender: '', recipients: ['s@x'] })).verdict, 'Z');
  await store.close();
});

test('a store that is closed and opened again has everything, and new numbers', async () => {
  const first = await openTestStore();
  await submit(first.store, 'kept', ['a@example.org']);
  await first.store.close();
  const second = await openTestStore({ directory: first.directory });
  const id = first.accepted[0]?.message.id ?? 0;
  assert.equal(bodyText(second.store, id), 'kept');
  await submit(second.store, 'new', ['a@example.org']);
  assert.ok((second.accepted[0]?.message.id ?? 0) > id);
  assert.equal([...second.store.messages()].length, 2);
  await second.store.close();
});

test('a message to nobody is accepted and leaves nothing', async () => {
  const { store, accepted } = await openTestStore();
  assert.equal((await submit(store, 'x'.repeat(200_000), [])).verdict, 'K');
  assert.equal(accepted.length, 1);
  assert.deepEqual(countsOf(store), only({}));
  await store.close();
});

test('message numbers go on when a block of them is used up', async () => {
  const { store } = await openTestStore();
  const seen = new Set<number>();
  for (let turn = 0; turn < 12; turn += 1) {
    for (let count = 0; count < 1500; count += 1) {
      const incoming = store.begin({ caller: 0, host: '' });
      seen.add(incoming.id);
      incoming.abort();
    }
    // The store's thread answers between the turns, as it would between connections.
    await submit(store, 'x', ['a@example.org']);
  }
  assert.equal(seen.size, 18_000);
  assert.ok(!seen.has(0));
  await store.close();
});

test('a stop gives back the numbers that were not used; after a kill none is used again', async () => {
  const directory = temporaryDirectory();
  /** The number of the only message of one start. */
  const useOne = async (worker?: DirectStoreWorker) => {
    const { store, accepted } = await openTestStore({ directory, startWorker: worker?.start });
    await submit(store, 'x', ['a@example.org']);
    worker?.end();
    await store.close();
    return accepted[0]?.message.id;
  };
  assert.deepEqual([await useOne(), await useOne()], [1, 2]);
  const ended = await useOne(directStoreWorker());
  assert.equal(ended, 3);
  const next = (await useOne()) ?? 0;
  assert.ok(next > 1000, `${next} after a kill`);
  assert.equal(await useOne(), next + 1);
});

test('a number is not given back while bytes of its message are on their way', async () => {
  const { store, directory } = await openTestStore();
  const ids = [1, 2].map(() => store.begin({ caller: 'network', host: '' }));
  for (const incoming of ids) incoming.write(new Uint8Array(200_000));
  await store.close();
  // Nothing begins in a store that is closed.
  assert.equal(store.begin({ caller: 'network', host: '' }).id, 0);
  const next = await openTestStore({ directory });
  assert.equal(next.store.begin({ caller: 'network', host: '' }).id, 3);
  await next.store.close();
});

test('a store whose numbers are used up starts, has what it had, and refuses what comes', async () => {
  const first = await openTestStore();
  await submit(first.store, 'x', ['a@example.org']);
  await first.store.close();
  const database = new DatabaseSync(storePath(first.directory));
  database.exec(`UPDATE numbering SET next_id = ${2 ** 33 - 2}`);
  database.close();
  const { store } = await openTestStore({ directory: first.directory });
  const answer = await submit(store, 'y', ['b@example.org']);
  assert.equal(answer.verdict, 'Z');
  assert.match(answer.text, /\(#4\.3\.0\): .*store\.sqlite: its message numbers are used up$/);
  const [recipient] = store.fresh(beginning, 9);
  assert.ok(recipient);
  assert.equal(await store.settle(recipient), 'finished');
  await store.close();
});

test('an address that is too long and a list that is too long are refused for good', async () => {
  const { store } = await openTestStore();
  assert.match((await submit(store, 'x', ['r'.repeat(1003)])).text, /#5\.1\.3/);
  assert.equal((await submit(store, 'x', ['r'.repeat(1002)])).verdict, 'K');
  const many = new Array<string>(recipientsMax + 1).fill('a@example.org');
  const answer = await submit(store, 'x', many);
  assert.equal(answer.verdict, 'D');
  assert.match(answer.text, /#5\.5\.3/);
  assert.deepEqual(countsOf(store), only({ messages: 1, fresh: 1 }));
  await store.close();
});

test('a message is arriving until its acceptance is told, and the reader may see it before', async () => {
  const seen: [isArriving: boolean, found: readonly QueuedRecipient[]][] = [];
  const { store, accepted } = await openTestStore();
  const incoming = store.begin({ caller: 'network', host: '' });
  const { id } = incoming;
  assert.equal(store.isArriving(id), false);
  const committed = incoming.commit({ sender: '', recipients: ['a@x'] });
  await Promise.resolve();
  while (accepted.length === 0) {
    seen.push([store.isArriving(id), store.fresh(beginning, 9)]);
    await new Promise(setImmediate);
  }
  assert.equal(store.isArriving(id), false);
  await committed;
  assert.ok(seen.length > 0);
  assert.ok(seen.every(([isArriving]) => isArriving));
  await store.close();
});
