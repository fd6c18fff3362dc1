/**
 * Makes the fuzzers of the host in C and of the programs on it: clang's libFuzzer, with AddressSanitizer for everything and
 * UndefinedBehaviorSanitizer for what is ours.
 */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compileC, runCompiler, type Unit } from '../../../build/compile-c.ts';
import { bundleTiny } from '../../../build/tiny-bundle.ts';
import { isCommand } from '../../../build/tiny-compiler.ts';
import { findEngine } from '../../../build/tiny-engine.ts';
import { engineFlags, hostDirectory, hostSources, makeProgram } from '../../../build/tiny-executable.ts';
import { top } from '../../support/top.ts';

const own = join(top, 'test/fuzz/tiny');

const sanitized = [
  '-fsanitize=fuzzer-no-link,address,undefined',
  '-fno-sanitize-recover=all',
  `-fsanitize-ignorelist=${join(own, 'ignored.txt')}`,
];

const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

function hasLibrary(): boolean {
  const directory = execFileSync('clang', ['-print-resource-dir'], { encoding: 'latin1' }).trim();
  return existsSync(join(directory, 'lib/linux', `libclang_rt.fuzzer-${machine}.a`));
}

/** For the options of a test: why there is no fuzzer here, or false. */
export const fuzzersMissing: string | false =
  !(isCommand('clang') && hasLibrary()) &&
  'clang or its libFuzzer is not installed (Debian: clang, libclang-rt-dev)';

export type FuzzerName = 'host' | 'programs';

/** The path of the fuzzer. */
export async function makeFuzzer(name: FuzzerName): Promise<string> {
  const engine = findEngine();
  const directory = join(top, 'dist/tiny/fuzz');
  const { modules } = await bundleTiny(join(own, 'entry.ts'));
  const program = await makeProgram(engine, modules, join(top, 'dist/tiny', engine.version), directory);
  const include = ['-I', own, '-I', hostDirectory, '-isystem', engine.directory];
  const ours = (source: string): Unit => ({
    source,
    flags: ['-O2', '-g', '-D_GNU_SOURCE', '-include', join(own, 'fake-system.h'), ...sanitized, ...include],
  });
  const engines = engine.sources.map(
    (source): Unit => ({
      source: join(engine.directory, source),
      flags: [
        '-O2',
        '-g',
        '-D_GNU_SOURCE',
        '-fsanitize=address',
        ...engineFlags(engine),
        '-I',
        engine.directory,
      ],
    }),
  );
  // The pool of memory.c would hide from the sanitizer what it looks for.
  const apart = ['host.c', 'memory.c'];
  const units = [
    ...hostSources
      .filter((source) => !apart.includes(source))
      .map((source) => ours(join(hostDirectory, source))),
    ours(join(own, 'fake-system.c')),
    ours(join(own, `fuzz-${name}.c`)),
    ours(program),
    ...engines,
  ];
  const objects = await compileC('clang', units, directory);
  const output = join(directory, `fuzz-${name}`);
  await runCompiler('clang', ['-fsanitize=fuzzer,address,undefined', ...objects, '-lm', '-o', output]);
  return output;
}
