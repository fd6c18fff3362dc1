/** A small file system of its own, to be filled: only root can mount one, and not in every container. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after } from 'node:test';
import { temporaryDirectory } from './home.ts';

function mount(directory: string, sizeBytes: number): boolean {
  const args = ['-t', 'tmpfs', '-o', `size=${sizeBytes},mode=0755`, 'tmpfs', directory];
  return spawnSync('mount', args, { stdio: 'ignore' }).status === 0;
}

function missing(): string | false {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root can mount a tmpfs';
  const directory = mkdtempSync(`${tmpdir()}/mini-qmail-`);
  const mounted = mount(directory, 65536);
  if (mounted) execFileSync('umount', ['-l', directory]);
  rmdirSync(directory);
  return mounted ? false : 'no tmpfs can be mounted here';
}

/** Why a test that fills a disk cannot run here, or false. */
export const tmpfsMissing: string | false = missing();

/** Mounts a tmpfs of so many bytes and answers its path. */
export function mountTmpfs(sizeBytes: number): string {
  const directory = temporaryDirectory();
  if (!mount(directory, sizeBytes)) throw new Error(`no tmpfs can be mounted on ${directory}`);
  after(() => execFileSync('umount', ['-l', directory]));
  return directory;
}

/** Gives a mounted tmpfs another size. */
export function resizeTmpfs(directory: string, sizeBytes: number): void {
  execFileSync('mount', ['-o', `remount,size=${sizeBytes}`, directory]);
}
