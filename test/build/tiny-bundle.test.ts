/** build/tiny-bundle.ts; test/structure/tiny.test.ts says what may be in a bundle. */
import { deepStrictEqual, match, ok, rejects, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { bundleTiny } from '../../build/tiny-bundle.ts';
import { temporaryDirectory } from '../support/home.ts';

test('a part is loaded by its name, and says what it exports', async () => {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/shared.ts`, 'export const shared = { many: Math.random() };');
  writeFileSync(
    `${directory}/late.ts`,
    `import { shared } from './shared.ts'; export const value = [shared];`,
  );
  const main = `import { shared } from './shared.ts'; f(shared); import('./late.ts').then(({ value }) => f(value));`;
  writeFileSync(`${directory}/main.ts`, main);
  const { modules, inputs } = await bundleTiny(`${directory}/main.ts`);
  strictEqual(inputs.filter((input) => input.endsWith('.ts')).length, 3);
  const [first, ...others] = modules;
  strictEqual(first?.name, 'first.js');
  const part = /Promise\.resolve\(host\.load\("([^"]+)"\)\)\.then/.exec(first?.code ?? '')?.[1];
  const late = others.find(({ name }) => name === part)?.code ?? '';
  match(late, new RegExp(`host\\.parts\\["${part}"\\]=\\{value:\\w+\\};`));
  strictEqual(modules.filter(({ code }) => code.includes('Math.random')).length, 1);
  deepStrictEqual(
    others.filter(({ name, code }) => name !== part && code.includes('host.parts')),
    [],
  );
});

test('what is younger than the engine is written in its terms', async () => {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/main.ts`, 'class A { #x = 1; y() { this.#x ??= 2; } } new A().y();');
  const { modules } = await bundleTiny(`${directory}/main.ts`);
  ok(!modules[0]?.code.includes('#x') && !modules[0]?.code.includes('??='));
});

test('a missing entry is an error', async () => {
  await rejects(bundleTiny(`${temporaryDirectory()}/missing.ts`), /missing\.ts/);
});
