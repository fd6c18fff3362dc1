/** The terms of what is in a native executable: ours, of the one npm package, of the engine, and of the C library, which is linked in. */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { top } from './bundle.ts';
import type { Compiler, TinyTarget } from './tiny-compiler.ts';
import type { Engine } from './tiny-engine.ts';

/** Beside the executable. */
export const tinyLicenseDirectory = 'licenses-tiny';

export const tinyLicenses = ['mini-qmail', 'minimist', 'quickjs', 'c-library'] as const;

/** Where Debian has the terms of the C library that this compiler links. */
function libraryTerms({ command }: Compiler, { arch, debian }: TinyTarget): string {
  if (command === 'musl-gcc') return '/usr/share/doc/musl-dev/copyright';
  const name = arch === process.arch ? 'libc6-dev' : `libc6-dev-${debian}-cross`;
  return `/usr/share/doc/${name}/copyright`;
}

/** What is not there is left out: other systems have the terms of their C library elsewhere. */
export function copyTinyLicenses(
  engine: Engine,
  compiler: Compiler,
  target: TinyTarget,
  directory: string,
): void {
  const sources: Readonly<Record<(typeof tinyLicenses)[number], string>> = {
    'mini-qmail': join(top, 'LICENSE'),
    minimist: join(top, 'node_modules/minimist/LICENSE'),
    quickjs: join(engine.directory, 'LICENSE'),
    'c-library': libraryTerms(compiler, target),
  };
  mkdirSync(directory, { recursive: true });
  for (const name of tinyLicenses)
    if (existsSync(sources[name])) copyFileSync(sources[name], join(directory, name));
}
