/** Makes a directory that outlives a loss of power: what is synced in it later is in vain when its own entry is not. */
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { syncPath } from './sync-path.ts';

/** Makes the directories of the path that are missing, and puts the entry of each on stable storage. */
export function makeDirectory(path: string): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return;
  for (let made = resolve(path); ; made = dirname(made)) {
    syncPath(dirname(made));
    if (made === resolve(first)) return;
  }
}
