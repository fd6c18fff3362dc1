/** Writes a file so that who reads or runs it meanwhile has the old one or the new one, and leaves it alone when it is right. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export function writeIfChanged(path: string, contents: string | Uint8Array): void {
  const bytes = Buffer.from(contents);
  if (existsSync(path) && readFileSync(path).equals(bytes)) return;
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, bytes);
  renameSync(fresh, path);
}

/** Removes what is in a directory and is not one of these. */
export function removeOthers(directory: string, names: readonly string[]): void {
  for (const name of readdirSync(directory)) {
    if (!names.includes(name)) rmSync(join(directory, name), { recursive: true, force: true });
  }
}
