/** npm run build, and what it made. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { targets } from '../../build/targets.ts';
import { builtExecutable } from '../support/executables.ts';
import { temporaryDirectory } from '../support/home.ts';
import { top } from '../support/top.ts';

/** The hub carries a library for signatures. */
const sizeBytesMax = { 'mini-qmail': 121_000_000, 'mini-qmail-satellite': 118_000_000 } as const;

function build(...args: readonly string[]): string {
  return execFileSync(process.execPath, [join(top, 'build/build.ts'), ...args], { encoding: 'utf8' });
}

test('a second build finds everything done', () => {
  build();
  const path = builtExecutable('mini-qmail');
  const { mtimeMs } = statSync(path);
  const printed = build();
  match(printed, /mini-qmail is up to date\n/);
  match(printed, /mini-qmail-satellite is up to date\n/);
  strictEqual(statSync(path).mtimeMs, mtimeMs);
});

test('an executable runs a program by its first argument, or by the name of a link', () => {
  const path = builtExecutable('mini-qmail-satellite');
  const directory = temporaryDirectory();
  symlinkSync(path, join(directory, 'maildirmake'));
  const run = (program: string, ...args: readonly string[]) => spawnSync(program, args).status;
  strictEqual(run(path, 'maildirmake', join(directory, 'one')), 0);
  strictEqual(run(join(directory, 'maildirmake'), join(directory, 'two')), 0);
  ok(existsSync(join(directory, 'one/new')) && existsSync(join(directory, 'two/new')));
});

test('the executables are small enough, and manual pages and licenses lie beside them', () => {
  for (const name of ['mini-qmail', 'mini-qmail-satellite'] as const) {
    ok(statSync(builtExecutable(name)).size < sizeBytesMax[name], name);
  }
  match(readFileSync(join(top, 'dist/man/sendmail.1'), 'utf8'), /^\.TH SENDMAIL 1 /);
  const licenses = readdirSync(join(top, 'dist/licenses'));
  for (const name of ['mailauth', 'mini-qmail', 'minimist', 'node', 'peculiar-x509', 'tsyringe'])
    ok(licenses.includes(name), name);
});

const arm = targets.find((target) => target.name === 'linux-arm64');
const fetched = existsSync(join(top, 'dist/linux-arm64'));
const skip = fetched ? false : 'nothing was built for linux-arm64 yet: npm run build -- --target linux-arm64';

test('an executable for another machine is an executable of that machine', { skip }, () => {
  match(build('--target', 'linux-arm64'), /Node .* for linux-arm64\n/);
  const head = readFileSync(join(top, 'dist/linux-arm64/mini-qmail-satellite')).subarray(0, 20);
  // ELF, 64 bits, little-endian; the machine is AArch64 (ELF for the Arm 64-bit Architecture, e_machine 183).
  deepStrictEqual(
    [head.toString('latin1', 0, 4), head[4], head[5], head.readUInt16LE(18)],
    ['\x7fELF', 2, 1, 183],
  );
  strictEqual(arm?.arch, 'arm64');
});
