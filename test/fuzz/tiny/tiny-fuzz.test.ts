/** Seconds' worth of what `npm run torture -- tiny-fuzz` does millions of times. */
import { test } from 'node:test';
import { fuzzersMissing } from './make-fuzzers.ts';
import { runFuzzer } from './run-fuzzer.ts';

const skip = fuzzersMissing;

test('calls of the host with whatever there is', { skip }, (context) =>
  runFuzzer(context, 'host', { executions: 20_000, jobs: 1 }),
);

test('programs in a world that says whatever there is', { skip }, (context) =>
  runFuzzer(context, 'programs', { executions: 200, jobs: 1 }),
);
