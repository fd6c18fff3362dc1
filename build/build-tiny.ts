/**
 * Makes the native satellite: `npm run build:tiny` makes dist/mini-qmail-tiny for this machine, and
 * `npm run build:tiny -- --target linux-armhf` another in dist/linux-armhf/. For this machine the same as sources in C, too
 * (tiny-source.ts). $QUICKJS may name a directory with the sources of another engine (tiny-engine.ts).
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import minimist from 'minimist';
import { top } from './bundle.ts';
import { readEpoch } from './epoch.ts';
import { bundleTiny } from './tiny-bundle.ts';
import { findCompiler, findTinyTarget } from './tiny-compiler.ts';
import { findEngine } from './tiny-engine.ts';
import { linkExecutable, makeProgram } from './tiny-executable.ts';
import { copyTinyLicenses, tinyLicenseDirectory } from './tiny-licenses.ts';
import { makeSource } from './tiny-source.ts';

const name = 'mini-qmail-tiny';

const entry = 'src/main-tiny.ts';

function say(text: string): void {
  console.log(`build: ${text}`);
}

const options = minimist(process.argv.slice(2), { string: ['target', 'output', '_'] });
const target = findTinyTarget(options['target']);
const isHere = target.arch === process.arch;
const output: string = options['output'] ?? (isHere ? join(top, 'dist') : join(top, 'dist', target.name));
mkdirSync(output, { recursive: true });
const engine = findEngine();
const compiler = findCompiler(target);
say(`QuickJS ${engine.version} for ${target.name}, with ${compiler.command}`);
const { modules } = await bundleTiny(entry);
const work = join(top, 'dist/tiny');
const tools = join(work, engine.version);
const program = await makeProgram(engine, modules, tools, join(tools, 'program'));
const executable = join(output, name);
await linkExecutable({ engine, compiler, program, directory: join(work, target.name) }, executable);
copyTinyLicenses(engine, compiler, target, join(output, tinyLicenseDirectory));
const kilobytes = (bytes: number) => (bytes / 1000).toFixed(0);
const codeBytes = modules.reduce((sum, { code }) => sum + code.length, 0);
say(`${executable}: ${kilobytes(statSync(executable).size)} kB, of ${kilobytes(codeBytes)} kB of scripts`);
if (isHere) say(makeSource(engine, program, output, readEpoch()));
