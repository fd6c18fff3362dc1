/** build/tiny-source.ts: a C compiler and make are all that is needed. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findEngine } from '../../build/tiny-engine.ts';
import { makefile, makeSource } from '../../build/tiny-source.ts';
import { needs } from '../support/foreign.ts';
import { temporaryDirectory } from '../support/home.ts';
import { tinyMissing } from '../support/tiny-body.ts';
import { top } from '../support/top.ts';

const skip = tinyMissing || needs('make', 'cc', 'tar').skip;

test('the Makefile has ten lines', () => {
  ok(makefile(findEngine()).trimEnd().split('\n').length <= 10);
});

test('an executable comes of it, with nothing but a C compiler', { skip }, () => {
  const directory = temporaryDirectory();
  const archive = join(top, 'dist/mini-qmail-tiny-src.tar.gz');
  execFileSync('tar', ['-C', directory, '-xzf', archive]);
  const tree = join(directory, 'mini-qmail-tiny-src');
  const env = { PATH: '/usr/bin:/bin' };
  // Without its optimiser the compiler is quick.
  execFileSync('make', ['-s', '-j2', 'CFLAGS=-O0'], { cwd: tree, env });
  const printed = execFileSync(join(tree, 'mini-qmail-tiny'), ['mailq', '--help'], {
    encoding: 'latin1',
    env,
  });
  match(printed, /^mailq - /);
});

test('it is the same at the same time', { skip }, () => {
  const engine = findEngine();
  const program = join(top, 'dist/tiny', engine.version, 'program/program.c');
  const made = [0, 1].map(() => makeSource(engine, program, temporaryDirectory(), 1_700_000_000));
  const [one, other] = made.map((path) => readFileSync(path));
  ok(one !== undefined && other !== undefined && one.equals(other));
  const names = execFileSync('tar', ['-tzf', made[0] ?? ''], { encoding: 'latin1' })
    .trim()
    .split('\n');
  const wanted = ['LICENSE', 'LICENSE.quickjs', 'Makefile', 'README', 'host.c', 'program.c', 'quickjs.c'];
  deepStrictEqual(
    wanted.filter((name) => !names.includes(`mini-qmail-tiny-src/${name}`)),
    [],
  );
  strictEqual(names.includes('mini-qmail-tiny-src/qjs.c'), false);
});
