/** Makes a native executable: modules become bytecode, and that is linked with the host and the engine. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { top } from './bundle.ts';
import { compileC, runCompiler, type Unit } from './compile-c.ts';
import type { TinyModule } from './tiny-bundle.ts';
import type { Compiler } from './tiny-compiler.ts';
import type { Engine } from './tiny-engine.ts';
import { writeIfChanged } from './write-if-changed.ts';

/** The host in C. */
export const hostDirectory: string = join(top, 'src/tiny');

export const hostSources = [
  'host.c',
  'memory.c',
  'values.c',
  'calls-files.c',
  'calls-network.c',
  'calls-process.c',
];

export const hostHeaders = ['calls.h', 'memory.h', 'program.h', 'values.h'];

/** What holds for every file. */
export const commonFlags: readonly string[] = [
  ...['-std=gnu11', '-Os', '-ffunction-sections', '-fdata-sections'],
  ...['-fstack-protector-strong', '-D_GNU_SOURCE', '-D_FILE_OFFSET_BITS=64'],
];

/** Ours is to be without any warning. */
export const hostFlags: readonly string[] = ['-Wall', '-Wextra', '-Werror'];

/** A flush spends most of its time in here: a seventh more in the executable saves a fifth of that. */
const interpreter = 'quickjs.c';
export const interpreterFlags: readonly string[] = ['-O2'];

/** The engine counts on numbers that wrap around. */
export function engineFlags({ version }: Engine): readonly string[] {
  return ['-fwrapv', '-w', `-DCONFIG_VERSION="${version}"`];
}

export const linkFlags: readonly string[] = [
  ...['-s', '-Wl,--gc-sections,-z,relro,-z,now,-z,noexecstack'],
  // Small pieces of memory come from memory.c.
  '-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free,--wrap=malloc_usable_size',
];

function engineUnits(engine: Engine, flags: readonly string[]): readonly Unit[] {
  return engine.sources.map((source) => ({
    source: join(engine.directory, source),
    flags: [
      ...flags,
      ...(source === interpreter ? interpreterFlags : []),
      ...engineFlags(engine),
      '-I',
      engine.directory,
    ],
  }));
}

/** The program that makes bytecode of modules, for the machine that builds. */
async function bytecodeMaker(engine: Engine, directory: string): Promise<string> {
  const own: Unit = {
    source: join(top, 'build/tiny-bytecode.c'),
    flags: ['-O1', ...hostFlags, '-isystem', engine.directory],
  };
  const units = [own, ...engineUnits(engine, ['-O1', '-D_GNU_SOURCE'])];
  const objects = await compileC('cc', units, join(directory, 'objects'));
  const maker = join(directory, 'tiny-bytecode');
  const seal = JSON.stringify(objects);
  if (existsSync(`${maker}.made-of`) && readFileSync(`${maker}.made-of`, 'utf8') === seal) return maker;
  const fresh = `${maker}.${process.pid}`;
  await runCompiler('cc', [...objects, '-lm', '-lpthread', '-o', fresh]);
  renameSync(fresh, maker);
  writeIfChanged(`${maker}.made-of`, seal);
  return maker;
}

/**
 * Modules as C, in the file program.c in `directory`: its path. What makes it of them is of the engine, and is kept in
 * `tools`.
 */
export async function makeProgram(
  engine: Engine,
  modules: readonly TinyModule[],
  tools: string,
  directory: string,
): Promise<string> {
  mkdirSync(directory, { recursive: true });
  const maker = await bytecodeMaker(engine, tools);
  const paths = modules.map(({ name, code }) => {
    const path = join(directory, name);
    writeIfChanged(path, code);
    return path;
  });
  const program = join(directory, 'program.c');
  writeIfChanged(program, execFileSync(maker, paths, { maxBuffer: 64 << 20 }));
  return program;
}

export interface TinyParts {
  readonly engine: Engine;
  readonly compiler: Compiler;
  /** Made by makeProgram. */
  readonly program: string;
  /** Where objects are kept. */
  readonly directory: string;
}

/** What was linked and what was not is said in OUTPUT.map, among the objects. */
export async function linkExecutable(parts: TinyParts, output: string): Promise<void> {
  const { engine, compiler, program, directory } = parts;
  const host = (source: string): Unit => ({
    source,
    flags: [
      ...commonFlags,
      ...compiler.flags,
      ...hostFlags,
      '-I',
      hostDirectory,
      '-isystem',
      engine.directory,
    ],
  });
  const units = [
    ...hostSources.map((source) => host(join(hostDirectory, source))),
    host(program),
    ...engineUnits(engine, [...commonFlags, ...compiler.flags]),
  ];
  const objects = await compileC(compiler.command, units, directory);
  const fresh = `${output}.${process.pid}`;
  await runCompiler(compiler.command, [
    ...compiler.linkBefore,
    ...objects,
    ...linkFlags,
    `-Wl,-Map=${join(directory, `${basename(output)}.map`)}`,
    '-lm',
    ...compiler.linkBehind,
    '-o',
    fresh,
  ]);
  renameSync(fresh, output);
}
