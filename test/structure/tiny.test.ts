/**
 * The second body: what the native satellite is bundled from is the satellite's own files, less Node's binding, and uses
 * nothing of the language that its engine does not have.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bundleTiny } from '../../build/tiny-bundle.ts';
import { temporaryDirectory } from '../support/home.ts';
import { top } from '../support/top.ts';

const { modules, inputs } = await bundleTiny('src/main-tiny.ts');

/**
 * The engine is of 2021 and knows a little more than ES2020, and nothing of what came later. It leaves the cause of an error
 * alone, and nothing here reads it.
 */
const library = ['es2020', 'es2021.string', 'es2022.error'];

/** What the compiler says of files when it knows the library of the engine and no others. */
function compile(paths: readonly string[]): readonly string[] {
  const config = join(temporaryDirectory(), 'tsconfig.json');
  const compilerOptions = { types: [], lib: library };
  const extending = { extends: join(top, 'tsconfig.json'), compilerOptions, include: [] };
  writeFileSync(config, JSON.stringify({ ...extending, files: paths }));
  const tsc = join(top, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', config, '--pretty', 'false'], {
    encoding: 'utf8',
  });
  return stdout.split('\n').filter((line) => line !== '');
}

test('it is made of the files of the satellite', () => {
  const own = inputs.filter((input) => input.startsWith('src/tiny/'));
  ok(own.length > 5 && inputs.includes('src/programs/sendmail.ts') && inputs.includes('qmqp/client.ts'));
  deepStrictEqual(
    inputs.filter((input) => input.startsWith('src/system/node/')),
    [],
  );
  deepStrictEqual(
    inputs.filter((input) => !input.startsWith('src/') && !input.startsWith('qmqp/')),
    ['node_modules/minimist/index.js'],
  );
});

test('it uses the language alone, as its engine knows it', () => {
  const sources = inputs.filter((input) => input.endsWith('.ts'));
  const problems = compile(sources.map((source) => join(top, source)));
  // Other files are compiled because their room's door names them; nothing of them is in the bundle.
  deepStrictEqual(
    problems.filter((problem) => sources.some((source) => problem.startsWith(`${source}(`))),
    [],
  );
});

test('what the engine does not know is found', () => {
  const foreign = [
    '[1].at(-1)',
    "Object.hasOwn({}, 'a')",
    'structuredClone(1)',
    '[1].toSorted()',
    '[1].findLast(Boolean)',
    'Promise.withResolvers()',
    'new WeakRef({})',
    'setTimeout(() => {}, 1)',
    "Buffer.from('')",
  ];
  const file = join(temporaryDirectory(), 'foreign.ts');
  writeFileSync(file, foreign.map((code, index) => `export const a${index}: unknown = ${code};\n`).join(''));
  const problems = compile([file]).join('\n');
  deepStrictEqual(
    foreign.filter((_, index) => !problems.includes(`foreign.ts(${index + 1},`)),
    [],
  );
});

test('no script asks for a module', () => {
  for (const { code } of modules) ok(!/require\(["']|\bimport\(/.test(code));
});
