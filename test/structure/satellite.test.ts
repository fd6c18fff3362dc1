/**
 * What runs on a satellite carries nothing of the hub, and uses the language alone: a native executable will run the
 * same sources.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import { bundle } from '../../build/bundle.ts';
import { temporaryDirectory } from '../support/home.ts';
import { files, parseFiles } from '../support/sources.ts';
import { top } from '../support/top.ts';
import { roomOf } from './rooms.ts';

/** All others are the hub's. */
const satelliteRooms = [
  'src/system',
  'src/system/node',
  'src/mail',
  'src/control',
  'src/manual',
  'src/submit',
  'src/inject',
  'src/satellite',
  'src/programs',
  'src/main-satellite.ts',
  'qmqp',
];

/** The satellite without Node's binding: every program, and the queue behind them. */
const neutralEntry = `
export { dispatch } from './src/programs/dispatch.ts';
export { satellitePrograms } from './src/programs/satellite-table.ts';
export { qmqpQueue } from './src/submit/index.ts';
export { resolveName } from './src/resolver/index.ts';
`;

/** Files of the neutral bundle, relative to the top. Throws when anything in it asks for a module of Node's. */
async function neutralInputs(): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: top,
    stdin: { contents: neutralEntry, resolveDir: top, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'neutral',
    mainFields: ['main'],
    format: 'iife',
    globalName: 'satellite',
    target: 'es2024',
    metafile: true,
    logLevel: 'silent',
  });
  return Object.keys(metafile.inputs).filter((input) => input !== '<stdin>');
}

test("the satellite's bundle holds no file of the hub's rooms and no package but minimist", async () => {
  const { inputs } = await bundle('src/main-satellite.ts');
  deepStrictEqual(
    inputs.filter((input) => {
      const room = roomOf(input);
      return room !== undefined && !satelliteRooms.includes(room.path);
    }),
    [],
  );
  deepStrictEqual(
    inputs.filter((input) => input.startsWith('node_modules/')),
    ['node_modules/minimist/index.js'],
  );
});

test('the satellite bundles for a platform that is not Node', async () => {
  const inputs = await neutralInputs();
  ok(inputs.length > 10);
});

/** What the compiler says of files when it knows the language's own types and no others. */
function compileNeutral(paths: readonly string[]): string {
  const config = join(temporaryDirectory(), 'tsconfig.json');
  const extending = { extends: join(top, 'tsconfig.json'), compilerOptions: { types: [] }, include: [] };
  writeFileSync(config, JSON.stringify({ ...extending, files: paths }));
  const tsc = join(top, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', config, '--pretty', 'false'], {
    encoding: 'utf8',
  });
  return stdout;
}

test('the satellite compiles with the types of the language alone: no global of Node or of a browser', async () => {
  const sources = (await neutralInputs()).filter((input) => input.endsWith('.ts'));
  deepStrictEqual(compileNeutral(sources.map((source) => join(top, source))), '');
});

test('a global of Node or of a browser is found', () => {
  const foreign = ['process', 'Buffer', 'setTimeout', 'console', 'TextEncoder', 'URL', 'require'];
  const file = join(temporaryDirectory(), 'foreign.ts');
  writeFileSync(file, `export const foreign = [${foreign.join(', ')}];\n`);
  const printed = compileNeutral([file]);
  deepStrictEqual(
    foreign.filter((name) => !printed.includes(`'${name}'`)),
    [],
  );
});

test('no room that handles mail holds a regular expression', () => {
  const sources = files('src/**/*.ts', 'qmqp/**/*.ts');
  const found = [...parseFiles(sources)].flatMap(([path, { regularExpressions }]) =>
    regularExpressions.map((expression) => `${path}: ${expression}`),
  );
  deepStrictEqual(found, []);
});
