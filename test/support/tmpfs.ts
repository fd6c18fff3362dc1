/** A small file system of its own, to be filled: only root can mount one. */
import { execFileSync } from 'node:child_process';
import { after } from 'node:test';
import { temporaryDirectory } from './home.ts';

/** Why a test that fills a disk cannot run here, or false. */
export const tmpfsMissing: string | false =
  process.platform === 'linux' && process.getuid?.() === 0 ? false : 'only root can mount a tmpfs';

/** Mounts a tmpfs of so many bytes and answers its path. */
export function mountTmpfs(sizeBytes: number): string {
  const directory = temporaryDirectory();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes},mode=0755`, 'tmpfs', directory]);
  after(() => execFileSync('umount', ['-l', directory]));
  return directory;
}
