import { deepStrictEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { satellitePrograms } from '../../src/programs/satellite-table.ts';
import { tinyPrograms } from '../../src/programs/tiny-table.ts';

/** What needs more than the native satellite has: there its place says so. */
const larger = ['qmail-collectd', 'qmail-doctor', 'qmail-enroll'];

test('it has the programs of the satellite, from the same files, or says that it has not', async () => {
  deepStrictEqual(Object.keys(tinyPrograms).sort(), Object.keys(satellitePrograms).sort());
  for (const [name, load] of Object.entries(tinyPrograms)) {
    const program = await load();
    if (larger.includes(name)) deepStrictEqual(program.manual.purpose, 'not in this executable');
    else ok(program === (await satellitePrograms[name]?.()), name);
  }
});
