/** Runs one of our programs on files, and says how much memory it took at its peak. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, truncateSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from './home.ts';

const satelliteMain = fileURLToPath(new URL('../../src/main-satellite.ts', import.meta.url));

const hook = `data:text/javascript,
import { writeSync } from 'node:fs';
process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)));`;

export interface Measured {
  readonly exit: number | null;
  readonly peakBytes: number;
}

/** A file of this size that takes no space. */
export function sparseFile(sizeBytes: number): string {
  const path = `${temporaryDirectory()}/sparse`;
  writeFileSync(path, '');
  truncateSync(path, sizeBytes);
  return path;
}

/** `message` and `envelope` are paths; both are inputs, on descriptors 0 and 1. */
export async function measureSubmission(
  program: string,
  message: string,
  envelope: string,
  env: Readonly<Record<string, string>>,
): Promise<Measured> {
  const inputs = [openSync(message, 'r'), openSync(envelope, 'r')] as const;
  const child = spawn(process.execPath, ['--import', hook, satelliteMain, program], {
    env: { PATH: '/usr/bin:/bin', ...env },
    stdio: [...inputs, 'inherit', 'pipe'],
  });
  let peak = '';
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    peak += chunk.toString('latin1');
  });
  await once(child, 'close');
  for (const descriptor of inputs) closeSync(descriptor);
  return { exit: child.exitCode, peakBytes: Number(peak) * 1024 };
}
