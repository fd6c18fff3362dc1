/**
 * The native satellite as sources in C: for a packager of a system where nothing of this tree runs, and who has a C compiler.
 * The program is in it as bytecode, for machines whose numbers begin with the low byte.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { top } from './bundle.ts';
import type { Engine } from './tiny-engine.ts';
import {
  commonFlags,
  engineFlags,
  hostDirectory,
  hostHeaders,
  hostSources,
  linkFlags,
} from './tiny-executable.ts';

export const sourceName = 'mini-qmail-tiny-src';

/** Where a linker does not know --wrap, memory.c and that flag may be left out: the C library's memory does as well. */
export function makefile(engine: Engine): string {
  const objects = [...hostSources, 'program.c', ...engine.sources].map((source) =>
    source.replace(/\.c$/, '.o'),
  );
  return `CC = cc
CFLAGS = ${commonFlags.filter((flag) => flag.startsWith('-O') || flag.startsWith('-f')).join(' ')}
CPPFLAGS = ${commonFlags.filter((flag) => flag.startsWith('-D')).join(' ')}
LDFLAGS = -static ${linkFlags.join(' ')}
OBJECTS = ${objects.join(' ')}
mini-qmail-tiny: $(OBJECTS)
\t$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(OBJECTS) -lm
.c.o:
\t$(CC) $(CPPFLAGS) ${engineFlags(engine).join(' ').replaceAll('"', '\\"')} $(CFLAGS) -c $<
`;
}

const readme = (engine: Engine) => `mini-qmail-tiny: the satellite of mini-qmail as one small executable.

"make" makes it, "make CC=musl-gcc" a smaller one; mini-qmail-tiny sendmail --help says how it is used.
The engine is QuickJS ${engine.version} (LICENSE.quickjs); the rest is mini-qmail's (LICENSE).
`;

/** Writes DIRECTORY/mini-qmail-tiny-src.tar.gz, with every file of that time, and answers its path. */
export function makeSource(engine: Engine, program: string, directory: string, epochSeconds: number): string {
  const work = mkdtempSync(join(tmpdir(), 'mini-qmail-source-'));
  try {
    const tree = join(work, sourceName);
    mkdirSync(tree);
    for (const name of [...hostSources, ...hostHeaders])
      copyFileSync(join(hostDirectory, name), join(tree, name));
    for (const name of [...engine.sources, ...engine.others])
      copyFileSync(join(engine.directory, name), join(tree, name === 'LICENSE' ? 'LICENSE.quickjs' : name));
    copyFileSync(program, join(tree, 'program.c'));
    copyFileSync(join(top, 'LICENSE'), join(tree, 'LICENSE'));
    writeFileSync(join(tree, 'Makefile'), makefile(engine));
    writeFileSync(join(tree, 'README'), readme(engine));
    const output = join(directory, `${sourceName}.tar.gz`);
    const fresh = `${output}.${process.pid}`;
    const owner = ['--owner=0', '--group=0', '--numeric-owner', '--mode=u=rwX,go=rX'];
    const order = ['--sort=name', `--mtime=@${epochSeconds}`, '--format=ustar'];
    const words = ['-C', work, ...owner, ...order, '-I', 'gzip -9n', '-cf', fresh, sourceName];
    execFileSync('tar', words);
    renameSync(fresh, output);
    return output;
  } finally {
    rmSync(work, { recursive: true });
  }
}
