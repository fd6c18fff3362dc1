/** build/tiny-bundle.ts; test/structure/tiny.test.ts says what may be in a bundle. */
import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { bundleTiny } from '../../build/tiny-bundle.ts';
import { temporaryDirectory } from '../support/home.ts';

test('a part is loaded by its number, when it is asked for', async () => {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/late.ts`, 'export const value: number = 7;');
  writeFileSync(
    `${directory}/main.ts`,
    `said.push('first'); import('./late.ts').then(({ value }) => said.push(value)); said.push('second');`,
  );
  const { scripts, inputs } = await bundleTiny(`${directory}/main.ts`, [`${directory}/late.ts`]);
  strictEqual(scripts.length, 2);
  strictEqual(inputs.filter((input) => input.endsWith('.ts')).length, 2);
  const said: unknown[] = [];
  const load = (part: number) => runInNewContext(scripts[part] ?? '');
  runInNewContext(scripts[0] ?? '', { said, host: { load } });
  await new Promise(setImmediate);
  deepStrictEqual(said, ['first', 'second', 7]);
});

test('what is younger than the engine is written in its terms', async () => {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/main.ts`, 'class A { #x = 1; y() { this.#x ??= 2; } } new A().y();');
  const { scripts } = await bundleTiny(`${directory}/main.ts`, []);
  ok(!scripts[0]?.includes('#x') && !scripts[0]?.includes('??='));
});

test('a missing entry is an error', async () => {
  await rejects(bundleTiny(`${temporaryDirectory()}/missing.ts`, []), /missing\.ts/);
});
