/** src/programs/seldom-programs.ts, smaller-programs.ts and larger-programs.ts: scripts of their own. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { bundle } from '../../build/bundle.ts';
import * as larger from '../../src/programs/larger-programs.ts';
import { satellitePrograms } from '../../src/programs/satellite-table.ts';
import * as seldom from '../../src/programs/seldom-programs.ts';
import * as smaller from '../../src/programs/smaller-programs.ts';

test('each of them is in the satellite’s table under its name', async () => {
  for (const program of Object.values({ ...seldom, ...smaller, ...larger })) {
    if (typeof program === 'function') continue;
    strictEqual(await satellitePrograms[program.manual.name]?.(), program);
  }
});

const scripts: Readonly<Record<string, readonly string[]>> = {
  'seldom-programs': ['maildir2mbox', 'qmail-flush', 'qmail-showctl'],
  'smaller-programs': ['datemail', 'forward', 'mailq', 'mailsubj', 'predate', 'qmail-qmqpc'],
  'larger-programs': ['qmail-collectd', 'qmail-doctor', 'qmail-enroll'],
};

test('none of them is in the script that every submission holds', async () => {
  const { inputs } = await bundle('src/main-satellite.ts', Object.keys(scripts));
  const names = Object.values(scripts).flat();
  deepStrictEqual(
    inputs.filter((input) => names.some((name) => input === `src/programs/${name}.ts`)),
    [],
  );
  ok(inputs.includes('src/programs/sendmail.ts'));
});

for (const [script, names] of Object.entries(scripts)) {
  test(`${script} holds its own`, async () => {
    const { inputs } = await bundle(`src/programs/${script}.ts`);
    ok(names.every((name) => inputs.includes(`src/programs/${name}.ts`)));
  });
}
