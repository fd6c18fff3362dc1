/** The gauges of the queue: as the store counts, and only while it is open. */
import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { metricsText } from '../../src/process/index.ts';
import { showQueue } from '../../src/queue/queue-gauges.ts';
import { openTestStore, submit } from '../support/open-store.ts';
import { readMetrics, readSeries } from '../support/prometheus.ts';

const names = [
  'mini_qmail_queue_messages',
  'mini_qmail_queue_recipients{state="fresh"}',
  'mini_qmail_queue_recipients{state="waiting"}',
  'mini_qmail_queue_recipients{state="held"}',
  'mini_qmail_queue_recipients{state="failed"}',
  'mini_qmail_queue_incoming_messages',
  'mini_qmail_queue_oldest_seconds',
];

function read(): readonly number[] {
  const metrics = readMetrics(metricsText());
  return names.map((name) => readSeries(metrics, name));
}

test('each reading asks anew, until that ends', () => {
  let messages = 1;
  const hide = showQueue(() => ({
    messages,
    fresh: 2,
    waiting: 3,
    held: 4,
    failed: 5,
    incoming: 6,
    oldestMs: 7500,
  }));
  deepStrictEqual(read(), [1, 2, 3, 4, 5, 6, 7.5]);
  messages = 9;
  deepStrictEqual(read()[0], 9);
  hide();
  messages = 10;
  deepStrictEqual(read()[0], 9);
});

test('an open store shows what is in it', async () => {
  const { store, accepted } = await openTestStore({ now: () => 40_000 });
  deepStrictEqual(read(), [0, 0, 0, 0, 0, 0, 0]);
  await submit(store, 'text\n', ['a@hub.test', 'b@hub.test']);
  const [recipient] = accepted[0]?.recipients ?? [];
  if (recipient !== undefined) await store.steer(recipient, 'hold');
  deepStrictEqual(read(), [1, 1, 0, 1, 0, 0, 40]);
  await store.close();
});
