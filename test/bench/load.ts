/** The load: Postfix's qmqp-source and smtp-source. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findProgram } from '../support/foreign.ts';

export const isLoadInstalled: boolean = findProgram('qmqp-source') !== undefined;

export const sender = 'sender@satellite.example';

export interface Load {
  readonly recipient: string;
  readonly connections: number;
  readonly messages: number;
  readonly sizeBytes: number;
  /** What sends it; qmqp-source without it. */
  readonly source?: LoadSource;
  /** Of each message; 1 without it. Their names are numbers and the recipient's. */
  readonly recipients?: number;
}

/** `kept`: a connection carries one message after another. */
export type LoadSource = 'smtp-source' | 'smtp-source, kept';

function programOf({ source }: Load): string {
  return source === undefined ? 'qmqp-source' : 'smtp-source';
}

function loadArgs(
  { recipient, connections, messages, sizeBytes, source, recipients = 1 }: Load,
  port: number | string,
): readonly string[] {
  const count = ['-s', connections, '-m', messages, '-l', sizeBytes].map(String);
  const kept = source === 'smtp-source, kept' ? ['-d'] : [];
  const several = recipients > 1 ? ['-r', String(recipients)] : [];
  return [...kept, ...count, ...several, '-f', sender, '-t', recipient, `127.0.0.1:${port}`];
}

export function loadCommand(load: Load): string {
  return [programOf(load), ...loadArgs(load, 'PORT')].join(' ');
}

/** Sends all of it and answers how many seconds that took. Rejects when one message was not accepted. */
export async function runLoad(load: Load, port: number): Promise<number> {
  const started = performance.now();
  const child = spawn(findProgram(programOf(load)) ?? '', loadArgs(load, port), {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString('latin1');
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${loadCommand(load)} ended with ${code}: ${complaint.trim()}`);
  return (performance.now() - started) / 1000;
}

export interface LoadLimits {
  /** How long one run lasts ... */
  readonly seconds: number;
  /** ... or how many messages it sends. */
  readonly messages: number | undefined;
  /** What one run may leave on the disk. */
  readonly bytesMax: number;
}

/**
 * Decides how many messages one run sends. Without a number it is what keeps the server busy for so many seconds, found
 * by two runs that are not counted and that warm the server up, since a hub that has run for a while is what matters.
 */
export async function prepareLoad(
  load: Omit<Load, 'messages'>,
  { seconds, messages, bytesMax }: LoadLimits,
  run: (load: Load) => Promise<number>,
): Promise<Load> {
  if (messages !== undefined) return { ...load, messages };
  let next: Load = { ...load, messages: load.connections * 4 + 20 };
  for (let count = 0; count < 2; count += 1) {
    const rate = next.messages / (await run(next));
    const most = Math.min(rate * seconds, bytesMax / load.sizeBytes);
    next = { ...load, messages: Math.max(load.connections, Math.ceil(most)) };
  }
  return next;
}
