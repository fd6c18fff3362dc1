/**
 * The system contract on the host in C, for a test that runs on Node: another process makes the calls (tiny-probe.ts), and
 * this one asks for them. Descriptors are those of the other process.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, openSync, read, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { bundleTiny } from '../../build/tiny-bundle.ts';
import { findCompiler, findTinyTarget } from '../../build/tiny-compiler.ts';
import { findEngine } from '../../build/tiny-engine.ts';
import { linkExecutable, makeProgram } from '../../build/tiny-executable.ts';
import { asciiJson, SystemError } from '../../src/system/index.ts';
import { temporaryDirectory } from './home.ts';
import { top } from './top.ts';

export { tinyExecutable, tinyMissing } from './executables.ts';

export interface TinyBody {
  /** Makes a call and waits for it. Throws what it threw. */
  call(name: string, ...values: readonly unknown[]): unknown;
  /** The same, while this process goes on: for calls that wait for something here. */
  start(name: string, ...values: readonly unknown[]): Promise<unknown>;
  readonly process: ChildProcess;
}

const answerBytes = 1 << 20;

async function makeProbe(): Promise<string> {
  const engine = findEngine();
  const compiler = findCompiler(findTinyTarget(undefined));
  const directory = temporaryDirectory();
  const { modules } = await bundleTiny('test/support/tiny-probe.ts');
  const program = await makeProgram(engine, modules, join(top, 'dist/tiny', engine.version), directory);
  const output = join(directory, 'probe');
  const objects = join(top, 'dist/tiny', findTinyTarget(undefined).name);
  await linkExecutable({ engine, compiler, program, directory: objects }, output);
  return output;
}

let probe: Promise<string> | undefined;

/** A FIFO that is open at both ends, so that it never waits for the other one. */
function fifo(): number {
  const path = join(temporaryDirectory(), 'fifo');
  execFileSync('mkfifo', [path]);
  return openSync(path, constants.O_RDWR);
}

function answered(line: string): unknown {
  const answer: { code?: string; message?: string; value?: unknown } = JSON.parse(line);
  if (answer.message !== undefined) throw new SystemError(answer.code ?? '', answer.message);
  return answer.value;
}

export interface BodyOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly args?: readonly string[];
  /** What it finds at its first descriptors. */
  readonly stdio?: readonly ('ignore' | 'inherit' | number)[];
}

export async function openTinyBody(context: TestContext, options: BodyOptions = {}): Promise<TinyBody> {
  probe ??= makeProbe();
  const program = await probe;
  const [questions, answers] = [fifo(), fifo()];
  const child = spawn(program, options.args ?? [], {
    env: options.env ?? process.env,
    stdio: [...(options.stdio ?? ['ignore', 'inherit', 'inherit']), questions, answers],
  });
  context.after(() => {
    child.kill('SIGKILL');
    closeSync(questions);
    closeSync(answers);
  });
  const buffer = Buffer.alloc(answerBytes);
  const ask = (words: readonly unknown[]) => writeSync(questions, `${asciiJson(words)}\n`);
  const lineOf = (count: number) => buffer.toString('latin1', 0, count);
  return {
    process: child,
    call(...words) {
      ask(words);
      let line = '';
      while (!line.endsWith('\n')) line += lineOf(readSync(answers, buffer));
      return answered(line);
    },
    async start(...words) {
      ask(words);
      let line = '';
      while (!line.endsWith('\n'))
        line += lineOf((await promisify(read)(answers, buffer, 0, buffer.length, null)).bytesRead);
      return answered(line);
    },
  };
}
