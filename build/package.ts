/**
 * Makes Debian packages, and tar files for images of containers, in dist/packages/. `npm run package` makes them for
 * every target, `npm run package -- --target linux-arm64` for one. It builds the executables first, unless --as-built is given.
 *
 * Every file in them has the time that $SOURCE_DATE_EPOCH says, or that of the last commit.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import minimist from 'minimist';
import { top } from './bundle.ts';
import { type Compression, makeDebianPackage, makeTar, type PackageOptions } from './debian-package.ts';
import { readEpoch } from './epoch.ts';
import { contents, type PackageName } from './package-tree.ts';
import { findTarget, isHere, type Target, targets } from './targets.ts';

const bytesPerMegabyte = 1e6;

function readCompression(text: string): Compression {
  if (text === 'none' || text === 'gzip' || text === 'xz') return text;
  throw new Error(`--compression ${text}: none, gzip or xz`);
}

function build(target: Target): string {
  if (options['as-built'] !== true) {
    const words = ['--target', target.name];
    execFileSync(process.execPath, [join(top, 'build/build.ts'), ...words], { stdio: 'inherit' });
    // Not every host has a C compiler for every machine.
    spawnSync(process.execPath, [join(top, 'build/build-tiny.ts'), ...words], { stdio: 'inherit' });
  }
  return isHere(target) ? join(top, 'dist') : join(top, 'dist', target.name);
}

const options = minimist(process.argv.slice(2), {
  string: ['target', 'compression', 'output', '_'],
  boolean: ['as-built'],
});
const { version }: { version: string } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'));
const chosen = options['target'] === undefined ? targets : [findTarget(options['target'])];
const compression = readCompression(options['compression'] ?? 'xz');
const output = options['output'] ?? join(top, 'dist/packages');
const epoch = readEpoch();
for (const target of chosen) {
  const built = build(target);
  for (const name of Object.keys(contents) as PackageName[]) {
    const executable = join(built, contents[name].executable);
    if (!existsSync(executable)) {
      console.log(`package: ${name} for ${target.name} is left out: ${executable} is missing`);
      continue;
    }
    const wanted: PackageOptions = { name, target, version, built, output, compression, epoch };
    const made = [await makeDebianPackage(wanted), await makeTar(wanted)];
    for (const path of made) {
      console.log(`package: ${path}: ${(statSync(path).size / bytesPerMegabyte).toFixed(1)} MB`);
    }
  }
}
