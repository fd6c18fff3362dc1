/** A program of the hub's that listens, run as a process until a test ends it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { compileCache } from './compile-cache.ts';
import { hubCommand } from './entry-points.ts';

const children = new Set<ChildProcess>();

after(() => {
  for (const child of children) child.kill('SIGKILL');
});

export interface ListeningProgram {
  readonly port: number;
  stderr(): string;
  signal(signal: NodeJS.Signals): void;
  /** Ends it with SIGTERM; resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** Resolves when it has said where it listens. */
export async function startListening(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ListeningProgram> {
  const [command = '', ...before] = hubCommand;
  const child = spawn(command, [...before, program, ...args], {
    env: { PATH: '/usr/bin:/bin', ...compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = once(child, 'close').then(([code]): number | null => code);
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended.then((code) => {
      throw new Error(`${program} ended with ${code}: ${stderr}`);
    }),
  ]);
  return {
    port: Number(/:(\d+)$/.exec(line)?.[1]),
    stderr: () => stderr,
    signal: (signal) => child.kill(signal),
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
