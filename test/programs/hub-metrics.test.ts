/** A hub's metrics, read while mail flows: always well-formed, never going back, and right in the end. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { findProgram, needs } from '../support/foreign.ts';
import { startHub } from '../support/hub.ts';
import { hubControls, hubHome } from '../support/hub-home.ts';
import { type ReadMetric, readMetrics, readSeries } from '../support/prometheus.ts';
import { qmqpRequest, submitRequest } from '../support/qmqp-peer.ts';

const messages = 60;

type Metrics = ReadonlyMap<string, ReadMetric>;

/** Series of counters and histograms that are less than they were, or gone. */
function shrunk(before: Metrics, after: Metrics): readonly string[] {
  return [...before]
    .filter(([, { type }]) => type !== 'gauge')
    .flatMap(([name, { samples }]) =>
      [...samples].filter(([key, value]) => !((after.get(name)?.samples.get(key) ?? -1) >= value)),
    )
    .map(([key]) => key);
}

test('a monitor reads the metrics of a hub while mail flows', async () => {
  const hub = await startHub({
    home: hubHome({ ...hubControls, submissionmemory: '600\n' }),
    args: ['--metrics', '127.0.0.1:0'],
  });
  const said = await hub.line(/^listening metrics /);
  const read = async (): Promise<Metrics> => {
    const response = await fetch(`http://${said.split(' ')[2]}/metrics`);
    return readMetrics(await response.text());
  };
  const port = Number(hub.addresses[0]?.split(':')[1]);
  let last = await read();
  const series = (name: string) => readSeries(last, name);
  for (const value of [series('mini_qmail_messages_accepted_total'), series('mini_qmail_queue_messages')]) {
    deepStrictEqual(value, 0);
  }

  let sending = true;
  const watching = (async () => {
    for (let readings = 1; ; readings += 1) {
      const next = await read();
      deepStrictEqual(shrunk(last, next), []);
      last = next;
      if (!sending) return readings;
    }
  })();
  const send = (number: number, recipient: string) => {
    const message = `Message-ID: <${number}@client.test>\n\nNumber ${number}\n`;
    return submitRequest(port, qmqpRequest(message, 'sender@hub.test', recipient));
  };
  await Promise.all(Array.from({ length: messages }, (_, number) => send(number, 'someone@hub.test')));
  // The same again, one that waits, and one that is no package.
  ok((await send(0, 'someone@hub.test')).includes(':K'));
  await send(messages, 'someone@elsewhere.test');
  await submitRequest(port, 'x:,');
  hub.signal('SIGHUP');
  await hub.line(/control files read again/);
  await hub.count(/^delivery \d+: /, messages + 1);
  await hub.count(/^end msg /, messages);
  sending = false;
  ok((await watching) > 1);

  last = await read();
  const figures = {
    mini_qmail_messages_accepted_total: messages + 1,
    mini_qmail_recipients_accepted_total: messages + 1,
    mini_qmail_messages_repeated_total: 1,
    'mini_qmail_messages_refused_total{verdict="Z"}': 0,
    'mini_qmail_requests_total{verdict="K"}': messages + 2,
    'mini_qmail_requests_total{verdict="D"}': 1,
    'mini_qmail_deliveries_total{channel="local",verdict="K"}': messages,
    'mini_qmail_deliveries_total{channel="remote",verdict="Z"}': 1,
    'mini_qmail_deliveries_running{channel="local"}': 0,
    mini_qmail_delivery_seconds_count: messages + 1,
    mini_qmail_queue_messages: 1,
    'mini_qmail_queue_recipients{state="waiting"}': 1,
    'mini_qmail_queue_recipients{state="fresh"}': 0,
    'mini_qmail_control_reloads_total{result="read"}': 1,
    mini_qmail_log_lines_dropped_total: 0,
    mini_qmail_connections: 0,
  };
  deepStrictEqual(Object.fromEntries(Object.keys(figures).map((name) => [name, series(name)])), figures);
  const operations = series('mini_qmail_store_operations_total');
  ok(operations >= 2 * messages, `${operations} operations`);
  ok(series('mini_qmail_store_commit_seconds_count') <= operations);
  deepStrictEqual(await hub.stop(), 0);
});

test("Prometheus's own checker has nothing to say about them", needs('promtool'), async () => {
  const hub = await startHub({ listen: [], args: ['--metrics', '127.0.0.1:0'] });
  const said = await hub.line(/^listening metrics /);
  const response = await fetch(`http://${said.split(' ')[2]}/metrics`);
  const { status, stdout, stderr } = spawnSync(findProgram('promtool') ?? '', ['check', 'metrics'], {
    input: await response.text(),
    encoding: 'utf8',
  });
  deepStrictEqual([status, stdout, stderr], [0, '', '']);
  deepStrictEqual(await hub.stop(), 0);
});
