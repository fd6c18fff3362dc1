/** What qmail-showctl explains is what the manual pages name. */
import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { controlFiles } from '../../src/programs/control-files.ts';
import { hubPrograms } from '../../src/programs/hub-table.ts';

test('the list holds the control files of all manual pages, in order, and no others', async () => {
  const named = new Set<string>();
  for (const load of Object.values(hubPrograms)) {
    for (const [name] of (await load()).manual.controls ?? []) named.add(name);
  }
  deepStrictEqual(
    controlFiles.map((file) => file.name),
    [...named].sort(),
  );
});

test('every sentence shows the value', () => {
  deepStrictEqual(
    controlFiles.filter((file) => file.says.split('%').length !== 2),
    [],
  );
});
