/** Programs that a test writes. */
import { writeFileSync } from 'node:fs';
import { temporaryDirectory } from './home.ts';

/** The path of a program that runs these lines of sh(1). */
export function script(text: string): string {
  const path = `${temporaryDirectory()}/program`;
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}
