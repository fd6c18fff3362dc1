import { rejects, strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { aside } from '../../../src/system/node/aside.ts';

const module = new URL('../../../src/system/node/aside.ts', import.meta.url).href;

/** Prints how many threads more there are after a file was removed aside, and whether the variable is set. */
const program = `
import { readdirSync, unlink } from 'node:fs';
import { aside } from '${module}';
const threads = () => readdirSync('/proc/self/task').length;
const before = threads();
await aside((done) => unlink('/none', () => done(null)));
console.log(threads() - before, process.env.UV_THREADPOOL_SIZE);
`;

function run(env: NodeJS.ProcessEnv): string {
  const args = ['--input-type=module', '--eval', program];
  return execFileSync(process.execPath, args, { env, encoding: 'utf8' }).trim();
}

test('it has sixteen threads, or as many as the environment says, and leaves that as it was', () => {
  strictEqual(run({}), '16 undefined');
  strictEqual(run({ UV_THREADPOOL_SIZE: '3' }), '3 3');
});

test('it ends when the work does, one way or the other', async () => {
  await aside((done) => setImmediate(done, null));
  await rejects(
    aside((done) => setImmediate(done, new Error('the disk'))),
    /the disk/,
  );
});
