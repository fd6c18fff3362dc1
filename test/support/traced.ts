/** Which system calls a program makes, as strace tells. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './home.ts';

export interface Traced {
  readonly status: number | null;
  readonly stderr: string;
  /** The names of the calls, each once, sorted. */
  readonly calls: readonly string[];
  /** The lines of strace. */
  readonly lines: readonly string[];
}

/** Runs it to its end; what it starts is not followed. */
export function traced(
  words: readonly string[],
  { input, env = {} }: { readonly input: string; readonly env?: Readonly<Record<string, string>> },
): Traced {
  const file = join(temporaryDirectory(), 'trace');
  // For the program alone: strace has libraries and a path of its own.
  const variables = Object.entries(env).flatMap(([name, value]) => ['-E', `${name}=${value}`]);
  const args = ['-s', '300', '-o', file, ...variables, ...words];
  const { status, stderr } = spawnSync('strace', args, {
    input,
    env: { PATH: process.env['PATH'] },
    encoding: 'latin1',
  });
  const lines = readFileSync(file, 'latin1').trim().split('\n');
  const names = lines.map((line) => /^(\w+)\(/.exec(line)?.[1]).filter((name) => name !== undefined);
  return { status, stderr, calls: [...new Set(names)].sort(), lines };
}
