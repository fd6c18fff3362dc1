import assert from 'node:assert/strict';
import { test } from 'node:test';
import { togetherMax } from '../../src/send/fresh-line.ts';
import { byHand } from '../support/by-hand.ts';
import { submit } from '../support/open-store.ts';
import { openSending, until } from '../support/sending.ts';

test('a flood brings messages to a user together, and a message of another host comes next', async () => {
  const { jobs, deliver, end } = byHand();
  const { sender, store, stop } = await openSending({
    controls: { concurrencylocal: `${togetherMax}\n` },
    deliver,
  });
  const addresses = () => jobs.map(({ address }) => address);
  const group = (user: string) => Array<string>(togetherMax).fill(user);
  // Ten users in turn.
  for (let count = 0; count < 10 * togetherMax; count += 1) {
    await submit(store, `${count}`, [`user${count % 10}@local`], 's@x', 'flood');
  }
  sender.start();
  await until(() => jobs.length === togetherMax);
  end();
  await until(() => jobs.length === 2 * togetherMax);
  assert.deepEqual(addresses(), [...group('user0@local'), ...group('user1@local')]);
  await submit(store, 'x', ['other@local'], 's@x', 'quiet');
  while (store.counts().messages > 0) {
    end();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await stop();
  // Behind one group at most: those whose turn it is as well.
  const behind = addresses().indexOf('other@local') - 2 * togetherMax;
  assert.ok(behind <= togetherMax, addresses().join(' '));
  assert.equal(jobs.length, 10 * togetherMax + 1);
});

test('recipients of one message at one host begin together, though nothing is known of the host', async () => {
  const hand = byHand();
  const { sender, store, stop } = await openSending({
    controls: { concurrencyremote: '100\n' },
    deliver: hand.deliver,
  });
  sender.start();
  const at = (domain: string) => Array.from({ length: 20 }, (_, index) => `${index}@${domain}`);
  await submit(store, 'x', [...at('far.example'), ...at('other.example')]);
  await until(() => hand.jobs.length === 40);
  for (let count = 0; count < 8; count += 1) await submit(store, 'y', ['you@far.example']);
  await until(() => hand.jobs.length === 44);
  // Five messages at a time: the twenty are one of them, and the last four come again.
  await until(() => store.due({ order: -1, id: -1 }, Date.now() + 60_000, 10).length === 4);
  assert.equal(hand.jobs.length, 44);
  const stopped = stop();
  hand.end();
  await stopped;
});
