/**
 * Where the engine's sources in C are: in the directory that $QUICKJS names, which may hold a newer QuickJS or QuickJS-ng,
 * or in npm's package qjsc, which carries QuickJS of 2021-03-27.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { top } from './bundle.ts';

export interface Engine {
  readonly directory: string;
  readonly version: string;
  /** Names of the files that are compiled. */
  readonly sources: readonly string[];
  /** Names of all that these include, and of the license. */
  readonly others: readonly string[];
}

const packaged = 'node_modules/qjsc/deps/quickjs_2021_03_27';

/** All files that a release may have and the engine be made of; each has some of them. */
const sourceNames = ['quickjs.c', 'libregexp.c', 'libunicode.c', 'cutils.c', 'dtoa.c', 'libbf.c'];

/** What is in the directory and in no release's engine: the tools around it. */
const notIncluded = ['quickjs-libc.h', 'unicode_gen_def.h'];

function versionOf(directory: string): string {
  const file = join(directory, 'VERSION');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const header = readFileSync(join(directory, 'quickjs.h'), 'utf8');
  const parts = ['MAJOR', 'MINOR', 'PATCH'].map(
    (part) => new RegExp(`define QJS_VERSION_${part}\\s+(\\d+)`).exec(header)?.[1],
  );
  return parts.every((part) => part !== undefined) ? parts.join('.') : 'unknown';
}

/** `directory`: what $QUICKJS says, if anything. */
export function findEngine(directory: string = process.env['QUICKJS'] || join(top, packaged)): Engine {
  const found = existsSync(directory) ? readdirSync(directory) : [];
  if (!found.includes('quickjs.c') || !found.includes('quickjs.h'))
    throw new Error(`${directory} does not hold the sources of QuickJS (quickjs.c, quickjs.h)`);
  const isHeader = (name: string) => name.endsWith('.h') && !notIncluded.includes(name);
  return {
    directory,
    version: versionOf(directory),
    sources: sourceNames.filter((name) => found.includes(name)),
    others: found.filter((name) => isHeader(name) || name === 'LICENSE').sort(),
  };
}
