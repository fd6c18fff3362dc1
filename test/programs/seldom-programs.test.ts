import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { bundle } from '../../build/bundle.ts';
import { satellitePrograms } from '../../src/programs/satellite-table.ts';
import * as seldom from '../../src/programs/seldom-programs.ts';

test('each of them is in the satellite’s table under its name', async () => {
  for (const program of Object.values(seldom)) {
    if (typeof program === 'function') continue;
    strictEqual(await satellitePrograms[program.manual.name]?.(), program);
  }
});

test('none of them is in the script that every submission holds', async () => {
  const { inputs } = await bundle('src/main-satellite.ts', ['seldom-programs']);
  const names = ['maildir2mbox', 'qmail-collectd', 'qmail-doctor', 'qmail-enroll', 'qmail-flush'];
  deepStrictEqual(
    inputs.filter((input) => names.some((name) => input === `src/programs/${name}.ts`)),
    [],
  );
  ok(inputs.includes('src/programs/sendmail.ts'));
  const { inputs: own } = await bundle('src/programs/seldom-programs.ts');
  ok(names.every((name) => own.includes(`src/programs/${name}.ts`)));
});
