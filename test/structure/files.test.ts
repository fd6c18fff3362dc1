/** Files stay small, and the tree names no place from which packages are fetched: the user's npm knows that. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { files, textOfFile } from '../support/sources.ts';
import { top } from '../support/top.ts';

const sizeBytesMax = 15_000;

const code = files('{src,qmqp,build,test}/**/*.ts', 'scripts/**', '.ci/**').filter((path) =>
  statSync(join(top, path)).isFile(),
);
const everything = [...code, ...files('*.md', 'docs/**/*.md', '*.json', '.npmrc', '.gitignore')];

test(`no file is larger than ${sizeBytesMax} bytes`, () => {
  const large = code.filter((path) => statSync(join(top, path)).size > sizeBytesMax);
  deepStrictEqual(large, []);
});

test('file names are kebab-case', () => {
  const isKebab = (path: string) =>
    path.split('/').every((part) => /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d)?(\.[a-z]+)?$/.test(part));
  deepStrictEqual(
    code.filter((path) => !isKebab(path)),
    [],
  );
});

test('no file names a package registry or a mirror', () => {
  // Written so that this file does not name one either.
  const hosts = /registry\.[a-z]|npm[j]s\.|yarn[p]kg\.|deb\.[d]ebian|jsr[.]io|\.pkg[.]dev/;
  deepStrictEqual(
    everything.filter((path) => hosts.test(textOfFile(path))),
    [],
  );
});

test('the lock file holds digests and no addresses', () => {
  const lock: { packages: Record<string, { resolved?: string; integrity?: string }> } = JSON.parse(
    textOfFile('package-lock.json'),
  );
  const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
  ok(packages.length > 0);
  for (const [path, { resolved, integrity }] of packages) {
    deepStrictEqual([path, resolved], [path, undefined]);
    ok(integrity?.startsWith('sha512-'), `${path} has no digest`);
  }
  ok(textOfFile('.npmrc').includes('omit-lockfile-registry-resolved=true'));
});
