import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { type Manual, parseCommandLine } from '../../src/manual/index.ts';
import { filterOptions, readFilter } from '../../src/programs/filter-options.ts';
import { everything } from '../../src/queue/index.ts';

const manual: Manual = {
  name: 'filtered',
  section: 8,
  purpose: 'show a filter',
  synopsis: [''],
  description: [],
  options: filterOptions,
  exitCodes: [],
};

function read(...args: readonly string[]) {
  const parsed = parseCommandLine(manual, args);
  if (!parsed.ok) throw new Error(parsed.problem);
  return readFilter(parsed.line, 10_000_000);
}

test('nothing given asks nothing', () => {
  deepStrictEqual(read(), { ok: true, filter: everything });
});

test('each option, in the forms in which the other programs print its values', () => {
  const args = [
    ...['--message', '#17', '--message', '18', '--message=<a@b>'],
    ...['--sender', '<>', '--sender', '', '--recipient', '<joe@x.y>'],
    ...['--domain', '.x.y', '--host', '', '--host', '192.0.2.1'],
    ...['--state', 'held', '--state', 'fresh', '--older-than', '2h'],
  ];
  deepStrictEqual(read(...args), {
    ok: true,
    filter: {
      messages: ['17', '18', '<a@b>'],
      senders: ['', ''],
      recipients: ['joe@x.y'],
      domains: ['.x.y'],
      hosts: ['', '192.0.2.1'],
      states: ['held', 'fresh'],
      beforeMs: 2_800_000,
    },
  });
});

test('what cannot be understood is named', () => {
  const problem = (...args: readonly string[]) => {
    const reading = read(...args);
    return reading.ok ? '' : reading.problem;
  };
  strictEqual(problem('--state', 'asleep'), 'there is no state asleep');
  strictEqual(problem('--state', 'toString'), 'there is no state toString');
  strictEqual(problem('--older-than', 'yesterday'), 'not a time: yesterday');
  strictEqual(
    problem(...Array.from({ length: 1001 }, () => '--host=x')),
    'an option of the filter may be given 1000 times',
  );
});
