/** build/build-tiny.ts, as `npm run build:tiny` calls it. */
import { match, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../support/home.ts';
import { tinyMissing } from '../support/tiny-body.ts';
import { top } from '../support/top.ts';

function build(...args: readonly string[]) {
  const script = join(top, 'build/build-tiny.ts');
  return spawnSync(process.execPath, [script, ...args], { encoding: 'latin1', cwd: '/' });
}

test('it makes the executable where it is told to', { skip: tinyMissing }, () => {
  const output = temporaryDirectory();
  const { status, stdout } = build('--output', output);
  strictEqual(status, 0);
  match(stdout, /^build: QuickJS \S+ for linux-\S+, with \S+\nbuild: .*mini-qmail-tiny: \d+ kB/);
  strictEqual(existsSync(join(output, 'mini-qmail-tiny')), true);
});

test('a machine for which it cannot', () => {
  const { status, stderr } = build('--target', 'plan9-x64');
  strictEqual(status, 1);
  match(stderr, /no native executable can be made for plan9-x64/);
});
