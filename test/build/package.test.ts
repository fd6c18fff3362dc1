/** npm run package. That its packages install and work, test/end-to-end/packages.test.ts shows. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findTarget } from '../../build/targets.ts';
import { executablesMissing } from '../support/executables.ts';
import { needs } from '../support/foreign.ts';
import { temporaryDirectory } from '../support/home.ts';
import { textOfFile } from '../support/sources.ts';
import { tinyMissing } from '../support/tiny-body.ts';
import { top } from '../support/top.ts';

function make(...args: readonly string[]) {
  const env = { ...process.env, SOURCE_DATE_EPOCH: '1700000000' };
  return spawnSync(process.execPath, [join(top, 'build/package.ts'), ...args], { encoding: 'utf8', env });
}

const skip = executablesMissing || needs('dpkg-deb', 'tar').skip;

test('it makes a package and a tar file of both satellites and the hub', { skip }, () => {
  const output = temporaryDirectory();
  const target = findTarget(undefined).name;
  const { status, stdout, stderr } = make(
    '--as-built',
    '--target',
    target,
    '--compression',
    'none',
    '--output',
    output,
  );
  strictEqual(status, 0, stderr);
  if (tinyMissing) match(stdout, /mini-qmail-tiny for \S+ is left out: .*mini-qmail-tiny is missing/);
  deepStrictEqual(
    readdirSync(output).map((name) => name.replace(/[_-]\d.*?(\.deb|\.tar)$/, ' $1')),
    [
      ...[
        'mini-qmail-hub .tar',
        'mini-qmail-hub .deb',
        'mini-qmail-satellite .tar',
        'mini-qmail-satellite .deb',
      ],
      ...(tinyMissing ? [] : ['mini-qmail-tiny .tar', 'mini-qmail-tiny .deb']),
    ],
  );
});

test('npm knows it, and what cannot be right is refused', () => {
  strictEqual(JSON.parse(textOfFile('package.json')).scripts.package, 'scripts/node build/package.ts');
  match(make('--target', 'vax').stderr, /no executable can be made for vax/);
  match(make('--compression', 'much').stderr, /none, gzip or xz/);
});
