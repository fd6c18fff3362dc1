/** What is in a directory. */
import { readdirSync, readFileSync } from 'node:fs';

/** Files below a directory as byte strings, by their paths from there. */
export function filesBelow(directory: string): Readonly<Record<string, string>> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`);
  return Object.fromEntries(
    paths.map((path) => [path.slice(directory.length + 1), readFileSync(path, 'latin1')]),
  );
}
