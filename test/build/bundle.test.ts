import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { bundle } from '../../build/bundle.ts';
import { temporaryDirectory } from '../support/home.ts';

function run(directory: string, code: string): string {
  writeFileSync(`${directory}/bundle.cjs`, code);
  return execFileSync(process.execPath, [`${directory}/bundle.cjs`], { encoding: 'utf8' });
}

test('a module that is imported where it is used runs there and not before', async () => {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/late.ts`, `console.log('late'); export const value: number = 7;`);
  writeFileSync(
    `${directory}/main.ts`,
    `console.log('first'); import('./late.ts').then(({ value }) => console.log(value)); console.log('second');`,
  );
  const { code, inputs } = await bundle(`${directory}/main.ts`);
  strictEqual(run(directory, code), 'first\nsecond\nlate\n7\n');
  strictEqual(inputs.length, 2);
});

test('what is found by URL beside its file does not stop a bundle from starting', async () => {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/main.ts`, `console.log(new URL('./x-worker.ts', import.meta.url).pathname);`);
  const { code } = await bundle(`${directory}/main.ts`);
  deepStrictEqual(run(directory, code), '/x-worker.ts\n');
});

test('a bundle is one script of CommonJS that names no source file', async () => {
  const { code, inputs } = await bundle('src/main-satellite.ts');
  ok(inputs.includes('src/programs/satellite-table.ts'));
  ok(!code.includes('satellite-table.ts') && !code.includes('\nimport '));
});

test('a missing entry is an error', async () => {
  await rejects(bundle(`${temporaryDirectory()}/missing.ts`), /missing\.ts/);
});
