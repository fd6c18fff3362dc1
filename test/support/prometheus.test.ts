/** The strict reader of metrics refuses what is not as the format says. */
import { deepStrictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { readMetrics, readSeries } from './prometheus.ts';

test('what is right is read', () => {
  const metrics = readMetrics('# HELP a_total Text.\n# TYPE a_total counter\na_total{x="y\\"",z="w"} 12\n');
  deepStrictEqual(readSeries(metrics, 'a_total{x="y\\"",z="w"}'), 12);
  throws(() => readSeries(metrics, 'b'));
});

const wrong: Readonly<Record<string, string>> = {
  'no end': '# HELP a A.\n# TYPE a gauge\na 1',
  'an empty line': '# HELP a A.\n# TYPE a gauge\n\na 1\n',
  'no type': '# HELP a A.\na 1\n',
  'no help': '# TYPE a gauge\na 1\n',
  'no sample': '# HELP a A.\n# TYPE a gauge\n',
  'a help twice': '# HELP a A.\n# HELP a A.\n# TYPE a gauge\na 1\n',
  'a metric twice': '# HELP a A.\n# TYPE a gauge\na 1\n# HELP a A.\n# TYPE a gauge\na{b="c"} 1\n',
  'a series twice': '# HELP a A.\n# TYPE a gauge\na 1\na 2\n',
  'a sample of another metric': '# HELP a A.\n# TYPE a gauge\nb 1\n',
  'a counter of another name': '# HELP a A.\n# TYPE a counter\na 1\n',
  'a negative counter': '# HELP a_total A.\n# TYPE a_total counter\na_total -1\n',
  'no number': '# HELP a A.\n# TYPE a gauge\na NaN\n',
  'a label without quotes': '# HELP a A.\n# TYPE a gauge\na{b=c} 1\n',
  'a quote in a label': '# HELP a A.\n# TYPE a gauge\na{b="c"d"} 1\n',
  'a histogram that shrinks':
    '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
  'a histogram without its end': '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_sum 1\nh_count 2\n',
};

for (const [what, text] of Object.entries(wrong)) {
  test(`${what} is refused`, () => throws(() => readMetrics(text)));
}
