/** The limits that the manual pages name are the ones in force. */
import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import { aliasLimits } from '../../src/alias/limits.ts';
import { hubPrograms } from '../../src/programs/hub-table.ts';

test('every limit is in a manual page, with its value', async () => {
  const pages = await Promise.all(Object.values(hubPrograms).map(async (load) => (await load()).manual));
  const limits = pages.flatMap((manual) => manual.limits ?? []);
  for (const [name, value] of Object.entries(aliasLimits)) {
    ok(
      limits.some(([term, text]) => term === name && text.startsWith(`${value} `)),
      name,
    );
  }
});
