/** Runs a fuzzer for so many executions: what it found is an error, with the bytes that led there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryDirectory } from '../../support/home.ts';
import { type FuzzerName, makeFuzzer } from './make-fuzzers.ts';

/** The host's calls are short; what a program reads is long. */
const inputBytesMax: Readonly<Record<FuzzerName, number>> = { host: 256, programs: 2048 };

/** `jobs`: processes at the same time, which share what they find of new ways. */
export async function runFuzzer(
  context: TestContext,
  name: FuzzerName,
  {
    executions,
    jobs,
    seed = 1,
  }: { readonly executions: number; readonly jobs: number; readonly seed?: number },
): Promise<void> {
  const fuzzer = await makeFuzzer(name);
  const directory = temporaryDirectory();
  const corpus = join(directory, 'corpus');
  mkdirSync(corpus);
  const run = async (job: number): Promise<number> => {
    const words = [
      ...[`-runs=${Math.ceil(executions / jobs)}`, `-seed=${seed + job}`, `-max_len=${inputBytesMax[name]}`],
      ...[
        '-timeout=60',
        '-rss_limit_mb=2000',
        '-print_final_stats=1',
        `-artifact_prefix=${directory}/`,
        corpus,
      ],
    ];
    // What an engine that is thrown away still holds is none of the fuzzer's business.
    const env = {
      ...process.env,
      ASAN_OPTIONS: 'detect_leaks=0:allocator_may_return_null=1:malloc_context_size=0:quarantine_size_mb=8',
    };
    const child = spawn(fuzzer, words, { stdio: ['ignore', 'ignore', 'pipe'], env });
    let said = '';
    child.stderr.on('data', (piece: Buffer) => {
      said = (said + piece.toString('latin1')).slice(-10_000);
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`${name}: the fuzzer has found something:\n${said}`);
    return Number(/number_of_executed_units: (\d+)/.exec(said)?.[1] ?? 0);
  };
  const counts = await Promise.all(Array.from({ length: jobs }, (_, job) => run(job)));
  const executed = counts.reduce((sum, count) => sum + count, 0);
  context.diagnostic(`${name}: ${executed} executions, nothing found`);
  if (executed < executions) throw new Error(`${name}: only ${executed} executions of ${executions}`);
}
