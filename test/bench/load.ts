/** The load: Postfix's qmqp-source. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

const program = '/usr/sbin/qmqp-source';

export const isLoadInstalled: boolean = existsSync(program);

export const sender = 'sender@satellite.example';
export const recipient = 'you@hub.example';

export interface Load {
  readonly connections: number;
  readonly messages: number;
  readonly sizeBytes: number;
}

function loadArgs({ connections, messages, sizeBytes }: Load, port: number | string): readonly string[] {
  const count = ['-s', connections, '-m', messages, '-l', sizeBytes].map(String);
  return [...count, '-f', sender, '-t', recipient, `127.0.0.1:${port}`];
}

export function loadCommand(load: Load): string {
  return ['qmqp-source', ...loadArgs(load, 'PORT')].join(' ');
}

/** Sends all of it and answers how many seconds that took. Rejects when one message was not accepted. */
export async function runLoad(load: Load, port: number): Promise<number> {
  const started = performance.now();
  const child = spawn(program, loadArgs(load, port), { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString('latin1');
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${loadCommand(load)} ended with ${code}: ${complaint.trim()}`);
  return (performance.now() - started) / 1000;
}

/**
 * How many messages keep a server busy for so many seconds, judged by a short run that also warms it up.
 * `bytesMax` bounds what one run leaves on the disk.
 */
export async function calibrate(
  load: Omit<Load, 'messages'>,
  port: number,
  { seconds, bytesMax }: { readonly seconds: number; readonly bytesMax: number },
): Promise<Load> {
  const first = { ...load, messages: load.connections * 4 + 20 };
  const rate = first.messages / (await runLoad(first, port));
  const most = Math.min(rate * seconds, bytesMax / load.sizeBytes);
  return { ...load, messages: Math.max(load.connections, Math.ceil(most)) };
}
