/** npm run bench -- CASE ... : measures this system side by side with what else is installed. */
import { writeFileSync } from 'node:fs';
import { accept } from './accept.ts';
import { backlog } from './backlog.ts';
import { client } from './client.ts';
import { endToEnd } from './end-to-end.ts';
import { fair } from './fair.ts';
import { flushCase } from './flush.ts';
import { type BenchOptions, readOptions } from './options.ts';
import { qmqps } from './qmqps.ts';
import { relay } from './relay.ts';
import { type BenchResult, tableOf, writeResult } from './result.ts';
import { insideResult, separated } from './separated.ts';
import { smtpIn } from './smtp-in.ts';

const cases: Readonly<Record<string, (options: BenchOptions) => Promise<BenchResult>>> = {
  accept,
  'end-to-end': (options) => (options.separated ? separated(options) : endToEnd(options)),
  client,
  backlog,
  fair,
  flush: flushCase,
  qmqps,
  'smtp-in': smtpIn,
  relay,
};

const exitUsage = 64;
const exitFailure = 70;

async function run(options: BenchOptions): Promise<number> {
  for (const name of options.cases) {
    const measure = Object.hasOwn(cases, name) ? cases[name] : undefined;
    if (measure === undefined) {
      options.say(`there is no case ${name}; cases: ${Object.keys(cases).join(' ')}`);
      return exitUsage;
    }
    const result = await measure(options);
    if (insideResult !== undefined) {
      writeFileSync(insideResult, JSON.stringify(result));
      return 0;
    }
    console.log(tableOf(result));
    options.say(`written to ${writeResult(result, options.output)}`);
  }
  return 0;
}

/** What was started ends with the process. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(exitFailure));

try {
  process.exitCode = await run(readOptions(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = exitFailure;
}
