import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsText } from '../../src/process/index.ts';
import { submit } from '../support/open-store.ts';
import { readMetrics, readSeries } from '../support/prometheus.ts';
import { openSending, until } from '../support/sending.ts';

/** What a monitor reads under that name. */
const read = (name: string): number => readSeries(readMetrics(metricsText()), name);

const total = (channel: string, verdict: string) =>
  `mini_qmail_deliveries_total{channel="${channel}",verdict="${verdict}"}`;

test('each attempt is counted by its channel and its end, and is not running any more', async () => {
  const names = [
    total('local', 'K'),
    total('remote', 'Z'),
    total('remote', 'K'),
    'mini_qmail_delivery_seconds_count',
  ];
  const before = names.map(read);
  const { sender, store, events, stop } = await openSending({
    controls: { concurrencylocal: '7\n', concurrencyremote: '9\n' },
    deliver: async ({ address }) =>
      address === 'late@far' ? { verdict: 'Z', text: 'later\n' } : { verdict: 'K', text: '' },
  });
  sender.start();
  await submit(store, 'x', ['a@local', 'b@local', 'c@far', 'late@far']);
  await until(() => events.filter(({ event }) => event === 'delivery').length === 4);
  await stop();
  assert.deepEqual(
    names.map((name, index) => read(name) - (before[index] ?? 0)),
    [2, 1, 1, 4],
  );
  for (const [channel, limit] of [
    ['local', 7],
    ['remote', 9],
  ] as const) {
    assert.equal(read(`mini_qmail_deliveries_running{channel="${channel}"}`), 0);
    assert.equal(read(`mini_qmail_concurrency_limit{channel="${channel}"}`), limit);
  }
});
