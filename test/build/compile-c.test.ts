import { deepStrictEqual, notStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { compileC, runCompiler } from '../../build/compile-c.ts';
import { needs } from '../support/foreign.ts';
import { temporaryDirectory } from '../support/home.ts';

test('what has changed is compiled again, and what has not is not', needs('cc'), async () => {
  const directory = temporaryDirectory();
  mkdirSync(`${directory}/include`);
  const source = `${directory}/main.c`;
  const header = `${directory}/include/answer.h`;
  writeFileSync(header, '#define ANSWER 42\n');
  writeFileSync(source, '#include "answer.h"\nint main(void) { return ANSWER; }\n');
  const units = [{ source, flags: ['-I', `${directory}/include`] }];
  const make = async () => (await compileC('cc', units, `${directory}/objects`))[0] ?? '';
  const first = await make();
  const { ino } = statSync(first);
  strictEqual(await make(), first);
  strictEqual(statSync(first).ino, ino);
  writeFileSync(header, '#define ANSWER 43\n');
  const second = await make();
  notStrictEqual(second, first);
  await runCompiler('cc', [second, '-o', `${directory}/program`]);
  const exit = execFileSync('sh', ['-c', `'${directory}/program'; echo $?`], { encoding: 'latin1' });
  strictEqual(exit, '43\n');
  strictEqual(readdirSync(`${directory}/objects`).length, 2);
});

test('a compiler that fails is an error that shows how it was called', async () => {
  await rejects(runCompiler('false', ['-x']), /^Error: false -x ended with 1$/);
  await rejects(runCompiler('/nonexistent/cc', []), { code: 'ENOENT' });
  deepStrictEqual(await runCompiler('true', []), undefined);
});
