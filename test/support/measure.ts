/** How much memory a process took, and large messages that take no space themselves. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { temporaryDirectory } from './home.ts';

/** For the options of a test that measures: skips it, and says why, elsewhere. */
export const measuringMissing: string | false =
  process.platform !== 'linux' && 'peaks of memory are read from /proc';

/** The peak of a process's resident size up to now, in bytes. */
export function peakBytes(pid: number): number {
  const [, kibibytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  if (kibibytes === undefined) throw new Error(`process ${pid} has no VmHWM`);
  return Number(kibibytes) * 1024;
}

/** A file of this size that takes no space. */
export function sparseFile(sizeBytes: number): string {
  const path = `${temporaryDirectory()}/sparse`;
  writeFileSync(path, '');
  truncateSync(path, sizeBytes);
  return path;
}
