import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import {
  architectureOf,
  makeDebianPackage,
  makeTar,
  type PackageOptions,
} from '../../build/debian-package.ts';
import { findTarget, targets } from '../../build/targets.ts';
import { needs } from '../support/foreign.ts';
import { temporaryDirectory } from '../support/home.ts';
import { textOfFile } from '../support/sources.ts';

/** What a build leaves, without the hundred megabytes. */
function standIn(): string {
  const built = temporaryDirectory();
  for (const name of ['mini-qmail', 'mini-qmail-satellite', 'mini-qmail-tiny'])
    writeFileSync(join(built, name), name, { mode: 0o755 });
  for (const name of ['licenses', 'licenses-tiny']) mkdirSync(join(built, name));
  for (const name of ['mini-qmail', 'minimist', 'quickjs'])
    writeFileSync(join(built, 'licenses-tiny', name), `terms of ${name}\n`);
  for (const name of ['mini-qmail', 'minimist', 'node']) writeFileSync(join(built, 'licenses', name), name);
  return built;
}

function options(changed: Partial<PackageOptions> = {}): PackageOptions {
  return {
    name: 'mini-qmail-satellite',
    target: findTarget('linux-arm64'),
    version: '1.2.3',
    built: standIn(),
    output: temporaryDirectory(),
    compression: 'gzip',
    epoch: 1_700_000_000,
    ...changed,
  };
}

const dpkg = needs('dpkg-deb', 'tar', 'xz', 'ar');

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8' });
}

test('each target has its name in Debian', () => {
  deepStrictEqual(targets.map(architectureOf), ['amd64', 'arm64']);
});

test('a package says what it is and what it stands for', dpkg, async () => {
  const made = options();
  const path = await makeDebianPackage(made);
  strictEqual(basename(path), 'mini-qmail-satellite_1.2.3_arm64.deb');
  const field = (name: string) => run('dpkg-deb', '--field', path, name).trim();
  deepStrictEqual(['Package', 'Version', 'Architecture'].map(field), [
    'mini-qmail-satellite',
    '1.2.3',
    'arm64',
  ]);
  for (const name of ['Provides', 'Conflicts', 'Replaces']) strictEqual(field(name), 'mail-transport-agent');
  match(field('Depends'), /libc6 \(>= 2\.28\).*libatomic1/);
  const control = temporaryDirectory();
  run('dpkg-deb', '--control', path, control);
  deepStrictEqual(readdirSync(control).sort(), [
    'conffiles',
    'control',
    'md5sums',
    'postinst',
    'postrm',
    'prerm',
  ]);
  strictEqual(readFileSync(join(control, 'conffiles'), 'utf8'), '/etc/cron.d/mini-qmail-flush\n');
  // Nothing half made is left beside it.
  deepStrictEqual(readdirSync(made.output), [basename(path)]);
});

test('its files are those of root, whoever made it', dpkg, async () => {
  const listing = run('dpkg-deb', '--contents', await makeDebianPackage(options({ name: 'mini-qmail-hub' })));
  for (const line of listing.trim().split('\n'))
    match(line, /^(d|-)rw(x|-)r-(x|-)r-(x|-) root\/root |^lrwxrwxrwx root\/root /);
});

test('a tar file has the same at the root of an image', dpkg, async () => {
  const path = await makeTar(options());
  strictEqual(basename(path), 'mini-qmail-satellite-1.2.3-linux-arm64.tar.gz');
  const listing = run('tar', '--numeric-owner', '-tvzf', path);
  match(listing, /^lrwxrwxrwx 0\/0 .* usr\/sbin\/sendmail -> \/usr\/lib\/mini-qmail\/mini-qmail-satellite$/m);
});

test('what a release has is compressed well', dpkg, async () => {
  const made = options({ compression: 'xz' });
  match(run('ar', 't', await makeDebianPackage(made)), /^data\.tar\.xz$/m);
  match(run('tar', '-tJf', await makeTar(made)), /^usr\/sbin\/sendmail$/m);
});

test('the same files make the same package, to the byte', dpkg, async () => {
  for (const make of [makeDebianPackage, makeTar]) {
    const [one, other] = [await make(options()), await make(options())];
    deepStrictEqual(readFileSync(one), readFileSync(other));
  }
});

test('the native satellite needs no library, and is installed as the other one is', dpkg, async () => {
  const field = async (name: 'mini-qmail-satellite' | 'mini-qmail-tiny') => {
    const path = await makeDebianPackage(options({ name }));
    const control = temporaryDirectory();
    run('dpkg-deb', '--control', path, control);
    const scripts = ['postinst', 'prerm', 'postrm', 'conffiles'].map((file) =>
      readFileSync(join(control, file), 'utf8'),
    );
    return { depends: run('dpkg-deb', '--field', path, 'Depends').trim(), scripts };
  };
  const [tiny, other] = [await field('mini-qmail-tiny'), await field('mini-qmail-satellite')];
  strictEqual(tiny.depends, 'init-system-helpers (>= 1.54)');
  deepStrictEqual(tiny.scripts, other.scripts);
});

test('the package of the hub makes the directories that scripts/install makes, for the same users', () => {
  const made = (file: string) => {
    const wanted = textOfFile(file).matchAll(/^want_dir "([^"]+)" (\S+)[ :](\S+) (\d+)$/gm);
    return [...wanted].map(([, path = '', ...rest]) => [
      path.replace('$control/', '$home/control/'),
      ...rest,
    ]);
  };
  const installed = made('scripts/install').filter(([path]) => path !== '$home');
  deepStrictEqual(made('build/debian/mini-qmail-hub/postinst').sort(), installed.sort());
  strictEqual(installed.length > 3, true);
});
