/** The executables for arm64, under qemu's emulation of a process. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './foreign.ts';
import { top } from './top.ts';

/** Where Debian's packages for cross-compiling have the libraries of an arm64 machine. */
const libraries = '/usr/aarch64-linux-gnu';

const names = ['mini-qmail', 'mini-qmail-satellite'] as const;

function missing(): string | false {
  if (findProgram('qemu-aarch64') === undefined) return 'qemu-aarch64: not installed (Debian: qemu-user)';
  const needed = ['libatomic.so.1', 'libstdc++.so.6'].filter(
    (name) => !existsSync(`${libraries}/lib/${name}`),
  );
  if (needed.length > 0) return `${needed.join(', ')} for arm64: not installed (Debian: lib...-arm64-cross)`;
  const bundleOf = (directory: string, name: string) => {
    const path = join(top, directory, `${name}.cjs`);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  };
  const current = names.every((name) => {
    const made = bundleOf('dist/linux-arm64', name);
    return made !== undefined && made === bundleOf('dist', name);
  });
  return !current && 'dist/linux-arm64 is missing or old: run npm run build -- --target linux-arm64';
}

/** Why they cannot be run, or false. */
export const arm64Missing: string | false = missing();

/** The words that start one of them. */
export function arm64Command(name: (typeof names)[number]): readonly string[] {
  return [findProgram('qemu-aarch64') ?? '', '-L', libraries, join(top, 'dist/linux-arm64', name)];
}
