/** src/programs/larger-programs.ts: what the native satellite does without (seldom-programs.test.ts has the rest). */
import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import * as larger from '../../src/programs/larger-programs.ts';
import { satellitePrograms } from '../../src/programs/satellite-table.ts';
import { tinyPrograms } from '../../src/programs/tiny-table.ts';

test('the native satellite has none of them, but knows all by name', async () => {
  for (const program of Object.values(larger)) {
    const { name } = program.manual;
    deepStrictEqual(await satellitePrograms[name]?.(), program);
    const tiny = await tinyPrograms[name]?.();
    deepStrictEqual(tiny?.manual.purpose, 'not in this executable');
  }
});
