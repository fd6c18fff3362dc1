/** Metrics: what they count, and how they are written. */
import { deepStrictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  beforeReading,
  counter,
  counters,
  gauge,
  gauges,
  histogram,
  metricsText,
} from '../../src/process/metrics.ts';
import { readMetrics, readSeries } from '../support/prometheus.ts';

function series(name: string): number {
  return readSeries(readMetrics(metricsText()), name);
}

test('a counter grows, a gauge goes both ways', () => {
  const taken = counter('test_taken_total', 'Taken.');
  const open = gauge('test_open', 'Open.');
  deepStrictEqual([series('test_taken_total'), series('test_open')], [0, 0]);
  taken.add();
  taken.add(2.5);
  open.add(2);
  open.add(-3);
  deepStrictEqual([series('test_taken_total'), series('test_open')], [3.5, -1]);
  open.set(7);
  deepStrictEqual(series('test_open'), 7);
});

test('labels have a series for each combination from the start, and no other', () => {
  const done = counters('test_done_total', 'Done.', { channel: ['local', 'remote'], verdict: ['K', 'Z'] });
  done.with({ verdict: 'Z', channel: 'remote' }).add(4);
  const { samples } = readMetrics(metricsText()).get('test_done_total') ?? { samples: new Map() };
  deepStrictEqual(Object.fromEntries(samples), {
    'test_done_total{channel="local",verdict="K"}': 0,
    'test_done_total{channel="local",verdict="Z"}': 0,
    'test_done_total{channel="remote",verdict="K"}': 0,
    'test_done_total{channel="remote",verdict="Z"}': 4,
  });
  const verdict = 'from a peer' as 'K';
  throws(() => done.with({ channel: 'local', verdict }), /no series local, from a peer/);
});

test('a name is declared once, and is one that every monitor takes', () => {
  gauge('test_once', 'Once.');
  throws(() => counter('test_once', 'Twice.'), /declared twice/);
  for (const name of ['', '9lives', 'Upper', 'with space', 'with-dash', 'ünder']) {
    throws(() => gauge(name, 'Wrong.'), /no name/);
  }
  throws(() => gauges('test_labelled', 'Wrong.', { 'a b': ['c'] }), /no name/);
});

test('whatever stands in a help or a label is written so that it can be read', () => {
  let made = 0;
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.array(fc.string(), { minLength: 1 }), (help, values) => {
      made += 1;
      gauges(`test_any_${made}`, `Help: ${help.replaceAll('\r', '')}`, { value: [...new Set(values)] });
    }),
    { numRuns: 50 },
  );
  const metrics = readMetrics(metricsText());
  deepStrictEqual([...metrics.keys()].filter((name) => name.startsWith('test_any_')).length, made);
});

test('a histogram counts each value in its bucket', () => {
  const times = histogram('test_seconds', 'Times.', [0.1, 1, 10]);
  for (const value of [0, 0.1, 0.11, 1, 5, 11, 12]) times.observe(value);
  const buckets = ['0.1', '1', '10', '+Inf'].map((bound) => series(`test_seconds_bucket{le="${bound}"}`));
  deepStrictEqual(buckets, [2, 4, 5, 7]);
  deepStrictEqual(series('test_seconds_count'), 7);
  deepStrictEqual(series('test_seconds_sum').toFixed(2), '29.21');
});

test('what nobody keeps is collected before each reading, until that ends', () => {
  const collected = gauge('test_collected', 'Collected.');
  let value = 1;
  const end = beforeReading(() => collected.set(value));
  deepStrictEqual(series('test_collected'), 1);
  value = 2;
  deepStrictEqual(series('test_collected'), 2);
  end();
  value = 3;
  deepStrictEqual(series('test_collected'), 2);
});
