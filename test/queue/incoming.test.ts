import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createIncoming, type IncomingOptions } from '../../src/queue/incoming.ts';
import type { Operation } from '../../src/queue/operation.ts';
import { StoreError, type StoreThread } from '../../src/queue/store-thread.ts';
import { bytesOf } from '../../src/system/index.ts';
import { bodyText, countsOf, only, openTestStore } from '../support/open-store.ts';

test('a body is the same however it is cut, below, at and above the size of a chunk', async () => {
  const { store, accepted } = await openTestStore();
  const pieces = fc.array(fc.integer({ min: 0, max: 70_000 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(pieces, async (sizes) => {
      const incoming = store.begin({ caller: 'network', host: '' });
      let expected = '';
      for (const [index, size] of sizes.entries()) {
        const text = String.fromCharCode(65 + index).repeat(size);
        await incoming.write(bytesOf(text));
        expected += text;
      }
      const answer = await incoming.commit({ sender: '', recipients: ['a@example.org'] });
      assert.equal(answer.verdict, 'K');
      const id = accepted.at(-1)?.message.id ?? 0;
      assert.equal(id, incoming.id);
      assert.equal(bodyText(store, id), expected);
    }),
    { numRuns: 30 },
  );
  await store.close();
});

test('the Received fields on top name the caller and the server, and their bytes count', async () => {
  const { store, accepted } = await openTestStore({ now: () => 0 });
  const received = 'Received: from unknown by server\n';
  const incoming = store.begin({ caller: 1000, host: '', received });
  incoming.write(bytesOf('x'));
  await incoming.commit({ sender: '', recipients: ['a@example.org'] });
  const message = accepted[0]?.message;
  assert.ok(message);
  const [chunk] = store.body(message).chunks();
  const field = `Received: (qmail ${incoming.id} invoked by uid 1000); 1 Jan 1970 00:00:00 -0000\n`;
  assert.equal(Buffer.from(chunk ?? []).toString('latin1'), `${field}${received}x`);
  assert.equal(message.sizeBytes, field.length + received.length + 1);
  await store.close();
});

test('the caller may use its array again at once', async () => {
  const { store, accepted } = await openTestStore();
  const incoming = store.begin({ caller: 'network', host: '' });
  const array = bytesOf('first');
  incoming.write(array);
  array.fill(0);
  await incoming.commit({ sender: '', recipients: ['a@example.org'] });
  assert.equal(bodyText(store, accepted[0]?.message.id ?? 0), 'first');
  await store.close();
});

test('an aborted message leaves nothing, large or small', async () => {
  const { store } = await openTestStore();
  for (const size of [10, 300_000]) {
    const incoming = store.begin({ caller: 'network', host: '' });
    await incoming.write(new Uint8Array(size));
    incoming.abort();
    incoming.abort();
    await assert.rejects(incoming.commit({ sender: '', recipients: [] }), /is finished/);
  }
  const last = store.begin({ caller: 'network', host: '' });
  await last.commit({ sender: '', recipients: [] });
  assert.deepEqual(countsOf(store), only({}));
  await store.close();
});

const text = 'Message-ID: <1@x>\n\nbody\n';

/** Submits a text as the server does whose Received field differs each time. */
async function submitAt(
  { store, nowMs = 0 }: { store: Awaited<ReturnType<typeof openTestStore>>['store']; nowMs?: number },
  body = text,
  envelope = { sender: 's@x', recipients: ['a@x'] },
) {
  const received = `Received: at ${nowMs}\n`;
  const incoming = store.begin({ caller: 'network', host: '192.0.2.1', received });
  await incoming.write(bytesOf(body));
  return { id: incoming.id, answer: await incoming.commit(envelope) };
}

test('the same submission again is answered as the message that it became, for its time', async () => {
  let nowMs = 1_000_000;
  const opened = await openTestStore({ now: () => nowMs, memoryMs: 60_000 });
  const { store, accepted, repeated } = opened;
  const first = await submitAt({ store, nowMs });
  assert.deepEqual(first.answer, { verdict: 'K', text: '' });
  nowMs += 59_999;
  const second = await submitAt({ store, nowMs });
  assert.deepEqual(second.answer, { verdict: 'K', text: `ok 1059 qp ${first.id}` });
  assert.deepEqual(repeated, [[second.id, first.id]]);
  assert.equal(accepted.length, 1);
  // Its time counts from the first submission.
  nowMs += 1;
  const third = await submitAt({ store, nowMs });
  assert.equal(third.answer.text, '');
  assert.equal(accepted.length, 2);
  assert.equal(await store.forgetSubmissions(nowMs, 9), 0);
  nowMs += 60_000;
  assert.equal(await store.forgetSubmissions(nowMs, 9), 1);
  await store.close();
});

test('another Message-ID, none, other recipients, another sender or other bytes make another message', async () => {
  const { store, accepted, repeated } = await openTestStore({ memoryMs: 60_000 });
  const envelope = { sender: 's@x', recipients: ['a@x'] };
  const different: readonly (readonly [string, typeof envelope])[] = [
    [text, envelope],
    [text.replace('<1@x>', '<2@x>'), envelope],
    [`${text}more`, envelope],
    [text, { ...envelope, recipients: ['b@x'] }],
    [text, { ...envelope, recipients: ['a@x', 'a@x'] }],
    [text, { ...envelope, sender: '' }],
    ['Subject: no Message-ID\n\nbody\n', envelope],
    ['Subject: no Message-ID\n\nbody\n', envelope],
    ['\nMessage-ID: <1@x>\n', envelope],
    ['\nMessage-ID: <1@x>\n', envelope],
  ];
  for (const [body, to] of different) await submitAt({ store }, body, to);
  assert.equal(accepted.length, different.length);
  await submitAt({ store });
  const resent = 'Resent-Message-ID: <2@x>\n\nbody\n';
  await submitAt({ store }, resent);
  await submitAt({ store }, resent);
  assert.equal(accepted.length, different.length + 1);
  assert.equal(repeated.length, 2);
  await store.close();
});

test('without a memory, and for bounces, nothing is remembered', async () => {
  const { store, accepted } = await openTestStore({ memoryMs: 0 });
  await submitAt({ store });
  await submitAt({ store });
  assert.equal(accepted.length, 2);
  await store.close();

  const remembering = await openTestStore({ memoryMs: 60_000 });
  for (const [index, id] of [1, 2].entries()) {
    await submitAt(remembering, `Message-ID: <${id}@y>\n\n`);
    const entry = remembering.accepted.at(-1);
    assert.ok(entry?.recipients[0]);
    await remembering.store.fail(entry.recipients[0], { attempts: 1, triedMs: 0, report: '' });
    const bounce = remembering.store.beginBounce(entry.message);
    bounce.write(bytesOf(text));
    await bounce.commit({ sender: '', recipients: ['s@x'] });
    assert.equal(remembering.accepted.length, 2 * (index + 1));
  }
  await remembering.store.close();
});

test('the second of two that come at the same time becomes the first, large or small', async () => {
  const { store, accepted, repeated } = await openTestStore({ memoryMs: 60_000 });
  for (const [index, size] of [10, 200_000].entries()) {
    const body = `Message-ID: <${size}@x>\n\n${'x'.repeat(size)}`;
    const answers = await Promise.all([1, 2, 3].map(() => submitAt({ store }, body)));
    assert.ok(answers.every(({ answer }) => answer.verdict === 'K'));
    assert.equal(accepted.length, index + 1);
    assert.equal(repeated.length, 2 * (index + 1));
    assert.ok(repeated.slice(-2).every(([, before]) => before === accepted[index]?.message.id));
  }
  assert.deepEqual(countsOf(store), only({ messages: 2, fresh: 2 }));
  await store.close();
});

test('a memory outlives a restart, and the message itself', async () => {
  const first = await openTestStore({ memoryMs: 60_000 });
  const { id } = await submitAt(first);
  const recipient = first.accepted[0]?.recipients[0];
  assert.ok(recipient);
  await first.store.settle(recipient);
  await first.store.close();
  const second = await openTestStore({ memoryMs: 60_000, directory: first.directory });
  assert.match((await submitAt(second)).answer.text, new RegExp(`qp ${id}$`));
  assert.deepEqual(countsOf(second.store), only({}));
  await second.store.close();
});

/** A message whose store refuses what a test says. */
function refused(refuses: (operation: Operation) => boolean) {
  const operations: Operation[] = [];
  const thread: Pick<StoreThread, 'apply' | 'drained'> = {
    drained: () => undefined,
    async apply(operation) {
      operations.push(operation);
      if (refuses(operation)) throw new StoreError('disk full');
      return 0;
    },
  };
  const accepted: number[] = [];
  const options: IncomingOptions = {
    id: 5,
    origin: { caller: 'network', host: '' },
    nowMs: 0,
    thread: { ready: { firstId: 1, idCount: 1, sweptMessages: 0 }, close: async () => {}, ...thread },
    memoryMs: 0,
    arriving: new Set(),
    rankFor: () => 1,
    onAccepted: ({ id }) => accepted.push(id),
    onRepeated: () => {},
  };
  return { incoming: createIncoming(options), operations, accepted, arriving: options.arriving };
}

const kinds = (operations: readonly Operation[]) => operations.map(({ kind }) => kind);

test('when a chunk is refused the others are dropped at once, and no more are sent', async () => {
  const { incoming, operations, accepted } = refused(({ kind }) => kind === 'chunk');
  for (let count = 0; count < 5; count += 1) {
    await incoming.write(new Uint8Array(65_536));
    await new Promise(setImmediate);
  }
  assert.deepEqual(kinds(operations), ['chunk', 'drop']);
  const answer = await incoming.commit({ sender: '', recipients: ['a@x'] });
  assert.deepEqual(answer, { verdict: 'Z', text: 'qq write error or disk full (#4.3.0): disk full' });
  assert.deepEqual(kinds(operations), ['chunk', 'drop']);
  assert.deepEqual(accepted, []);
});

test('what cannot be dropped now is dropped later', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let full = true;
  const { incoming, operations } = refused(({ kind }) => full && kind !== 'chunk');
  await incoming.write(new Uint8Array(100_000));
  assert.equal((await incoming.commit({ sender: '', recipients: ['a@x'] })).verdict, 'Z');
  for (let count = 0; count < 3; count += 1) {
    await new Promise(setImmediate);
    t.mock.timers.tick(5000);
  }
  full = false;
  for (let count = 0; count < 3; count += 1) {
    await new Promise(setImmediate);
    t.mock.timers.tick(5000);
  }
  assert.deepEqual(kinds(operations), ['chunk', 'accept', 'drop', 'drop', 'drop', 'drop', 'drop']);
});

test('a message that is refused is not arriving any more', async () => {
  const { incoming, arriving, accepted } = refused(({ kind }) => kind === 'accept');
  const committed = incoming.commit({ sender: '', recipients: ['a@x'] });
  await Promise.resolve();
  assert.deepEqual([...arriving], [5]);
  assert.equal((await committed).verdict, 'Z');
  assert.deepEqual([...arriving], []);
  assert.deepEqual(accepted, []);
});
