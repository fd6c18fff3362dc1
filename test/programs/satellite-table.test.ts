import { deepStrictEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { satellitePrograms } from '../../src/programs/satellite-table.ts';

test('every name leads to a program', async () => {
  for (const [name, load] of Object.entries(satellitePrograms)) {
    const program = await load();
    deepStrictEqual([typeof program.run, typeof program.manual.name], ['function', 'string'], name);
  }
});

test('what other software calls by name is there', () => {
  const wanted = [
    'sendmail',
    'mailq',
    'newaliases',
    'qmail-inject',
    'qmail-queue',
    'qmail-qmqpc',
    'maildirmake',
    'maildir2mbox',
    'maildirwatch',
    'forward',
    'predate',
    'datemail',
    'mailsubj',
  ];
  for (const name of wanted) ok(Object.hasOwn(satellitePrograms, name), name);
});
