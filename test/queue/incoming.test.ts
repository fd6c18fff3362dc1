import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOf } from '../../src/system/index.ts';
import { bodyText, openTestStore } from '../support/open-store.ts';

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

test('the Received field on top names the caller, and its bytes count', async () => {
  const { store, accepted } = await openTestStore({ now: () => 0 });
  const incoming = store.begin({ caller: 1000, host: '' });
  incoming.write(bytesOf('x'));
  await incoming.commit({ sender: '', recipients: ['a@example.org'] });
  const message = accepted[0]?.message;
  assert.ok(message);
  const [chunk] = store.body(message).chunks();
  const field = `Received: (qmail ${incoming.id} invoked by uid 1000); 1 Jan 1970 00:00:00 -0000\n`;
  assert.equal(Buffer.from(chunk ?? []).toString('latin1'), `${field}x`);
  assert.equal(message.sizeBytes, field.length + 1);
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
  }
  const last = store.begin({ caller: 'network', host: '' });
  await last.commit({ sender: '', recipients: [] });
  assert.deepEqual(store.counts(), { messages: 0, recipients: 0, incoming: 0 });
  await store.close();
});
