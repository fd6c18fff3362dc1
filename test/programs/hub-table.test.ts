import { deepStrictEqual, notStrictEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { hubPrograms } from '../../src/programs/hub-table.ts';
import { satellitePrograms } from '../../src/programs/satellite-table.ts';

test('every name leads to a program', async () => {
  for (const [name, load] of Object.entries(hubPrograms)) {
    const program = await load();
    deepStrictEqual([typeof program.run, typeof program.manual.name], ['function', 'string'], name);
  }
});

test('a hub has all that a satellite has, with a queue of its own', async () => {
  for (const name of Object.keys(satellitePrograms)) ok(Object.hasOwn(hubPrograms, name), name);
  notStrictEqual(await hubPrograms['qmail-queue']?.(), await satellitePrograms['qmail-queue']?.());
});
