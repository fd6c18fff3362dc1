/** A directory in memory where there is one: for tests that open many stores, and leave syncs to other tests. */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after } from 'node:test';

/** Some containers have no more than a little of it. */
const freeBytesMin = 32 * 1024 * 1024;

function parent(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize >= freeBytesMin ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir();
  }
}

const made: string[] = [];

after(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** A directory of the test's own for small files, removed when its file ends. */
export function memoryDirectory(): string {
  const directory = mkdtempSync(`${parent()}/mini-qmail-`);
  made.push(directory);
  return directory;
}
