/** The shipped executables at work: a hub and its satellites, each with a home of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { builtExecutable, executablesMissing } from './executables.ts';
import { temporaryHome } from './home.ts';
import { type Hub, type HubOptions, startHub } from './hub.ts';

export { executablesMissing };

/** Mail for this address is local to the hub. */
export const localAddress = 'you@hub.test';

export function startBuiltHub(options: HubOptions = {}): Promise<Hub> {
  return startHub({ ...options, command: [builtExecutable('mini-qmail')] });
}

export function portOf(hub: Hub): number {
  return Number(hub.addresses[0]?.split(':').at(-1));
}

/** The home of a satellite whose hubs are these. */
export function satelliteHome(...hubs: readonly string[]): string {
  return temporaryHome({ me: 'satellite.test\n', qmqpservers: hubs.map((hub) => `${hub}\n`).join('') });
}

export interface SatelliteRun {
  readonly home: string;
  readonly program: string;
  readonly args?: readonly string[];
  /** Descriptor 1 as an input. Without it, descriptor 1 is the test's. */
  readonly envelope?: number;
}

export interface Satellite {
  readonly child: ChildProcess;
  /** What it wrote on descriptor 2, once it has ended, and its exit code; null when a signal ended it. */
  readonly ended: Promise<{ readonly exit: number | null; readonly stderr: string }>;
}

/** Starts a program of the satellite's executable; its descriptor 0 is a pipe. */
export function startSatellite({ home, program, args = [], envelope }: SatelliteRun): Satellite {
  const child = spawn(builtExecutable('mini-qmail-satellite'), [program, ...args], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', QMAILHOME: home },
    stdio: ['pipe', envelope ?? 'inherit', 'pipe'],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('latin1');
  });
  // A program may end without reading its input.
  child.stdin?.on('error', () => undefined);
  const ended = once(child, 'close').then(([exit]) => ({ exit: exit as number | null, stderr }));
  return { child, ended };
}
