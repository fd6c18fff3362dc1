import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { keysPerMessage, messageIdMax, prepareSchema, schemaVersion } from '../../src/queue/schema.ts';
import { openWriter } from '../../src/queue/writer.ts';
import { temporaryDirectory } from '../support/home.ts';

test('a store of a version to come is refused, with its path and both versions', () => {
  const path = `${temporaryDirectory()}/store`;
  const database = new DatabaseSync(path);
  prepareSchema(database, path);
  prepareSchema(database, path);
  database.exec(`PRAGMA user_version = ${schemaVersion + 1}`);
  assert.throws(() => prepareSchema(database, path), new RegExp(`${path} has version ${schemaVersion + 1}`));
  database.close();
});

test('a commit is on the disk before it is answered', () => {
  const path = `${temporaryDirectory()}/store`;
  openWriter(path).close();
  const database = new DatabaseSync(path);
  assert.equal(database.prepare('PRAGMA journal_mode').get()?.['journal_mode'], 'wal');
  database.close();
});

test('every key is exact as a double', () => {
  assert.ok(Number.isSafeInteger(messageIdMax * keysPerMessage + keysPerMessage - 1));
});
