/** The shipped executables at work: a hub and its satellites, each with a home of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { openReader, storePath } from '../../src/queue/index.ts';
import { currentBody } from './bodies.ts';
import { builtExecutable, executablesMissing } from './executables.ts';
import { temporaryHome } from './home.ts';
import { type Hub, type HubOptions, startHub } from './hub.ts';
import { temporaryPath } from './run-program.ts';
import { until } from './until.ts';

export { executablesMissing };

/** Mail for this address is local to the hub. */
export const localAddress = 'you@hub.test';

export function startBuiltHub(options: HubOptions = {}): Promise<Hub> {
  return startHub({ ...options, command: [builtExecutable('mini-qmail')] });
}

export function portOf(hub: Hub): number {
  return Number(hub.addresses[0]?.split(':').at(-1));
}

/** Resolves when nothing is left in a hub's queue, and nothing half there. */
export async function emptyQueue(home: string, timeoutMs: number): Promise<void> {
  const reader = openReader(storePath(`${home}/queue`));
  const isEmpty = () => {
    const { messages, incoming } = reader.counts();
    return messages + incoming === 0 ? true : undefined;
  };
  try {
    await until('an empty queue', isEmpty, timeoutMs);
  } finally {
    reader.close();
  }
}

/** The home of a satellite whose hubs are these. */
export function satelliteHome(...hubs: readonly string[]): string {
  return temporaryHome({ me: 'satellite.test\n', qmqpservers: hubs.map((hub) => `${hub}\n`).join('') });
}

export interface BuiltRun {
  readonly home: string;
  readonly program: string;
  readonly args?: readonly string[];
  /** Descriptor 1 as an input. Without it, descriptor 1 is the test's. */
  readonly envelope?: string;
  /** Variables on top of QMAILHOME and a nearly empty environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface BuiltProgram {
  readonly child: ChildProcess;
  /** What it wrote on descriptor 2, once it has ended, and its exit code; null when a signal ended it. */
  readonly ended: Promise<{ readonly exit: number | null; readonly stderr: string }>;
}

/** A descriptor at the beginning of these bytes, of a file that has no name any more. */
function inputOf(bytes: string): number {
  const path = temporaryPath();
  writeFileSync(path, bytes, 'latin1');
  const descriptor = openSync(path, 'r');
  unlinkSync(path);
  return descriptor;
}

/** Starts a program of the hub's executable, or of the satellite's in the body of the test that calls; its descriptor 0 is a pipe. */
export function startBuilt(
  executable: 'mini-qmail' | 'satellite',
  { home, program, args = [], envelope, env = {} }: BuiltRun,
): BuiltProgram {
  const input = envelope === undefined ? undefined : inputOf(envelope);
  const path = executable === 'satellite' ? currentBody().executable : builtExecutable(executable);
  const child = spawn(path, [program, ...args], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', QMAILHOME: home, ...env },
    stdio: ['pipe', input ?? 'inherit', 'pipe'],
  });
  if (input !== undefined) closeSync(input);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('latin1');
  });
  // A program may end without reading its input.
  child.stdin?.on('error', () => undefined);
  const ended = once(child, 'close').then(([exit]) => ({ exit: exit as number | null, stderr }));
  return { child, ended };
}

/** A program of the satellite, in the body of the test that calls. */
export function startSatellite(run: BuiltRun): BuiltProgram {
  return startBuilt('satellite', run);
}
