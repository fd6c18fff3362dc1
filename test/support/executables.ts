/** The executables that `npm run build` makes, for tests that need the real thing. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { top } from './top.ts';

/** The path of mini-qmail or mini-qmail-satellite. scripts/test builds before it tests. */
export function builtExecutable(name: 'mini-qmail' | 'mini-qmail-satellite'): string {
  const path = join(top, 'dist', name);
  if (!existsSync(path)) throw new Error(`${path} is missing: run npm run build first`);
  return path;
}

/** For the options of a test that needs the executables: skips it, and says why, where they were not built. */
export const executablesMissing: string | false =
  ['mini-qmail', 'mini-qmail-satellite'].every((name) => existsSync(join(top, 'dist', name))) === false &&
  'dist/mini-qmail and dist/mini-qmail-satellite are missing: run npm run build first';

/** What `npm run build:tiny` makes. */
export const tinyExecutable: string = join(top, 'dist/mini-qmail-tiny');

/** For the options of a test that needs the native satellite: skips it, and says why, where it was not built. */
export const tinyMissing: string | false =
  !existsSync(tinyExecutable) && 'dist/mini-qmail-tiny is missing: run npm run build:tiny first';
