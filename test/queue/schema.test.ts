import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { keysPerMessage, messageIdMax, prepareSchema, schemaVersion } from '../../src/queue/schema.ts';
import { openWriter } from '../../src/queue/writer.ts';
import { bytesOf } from '../../src/system/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { countsOf, only } from '../support/open-store.ts';
import { acceptOperation, openBoth, recipientId } from '../support/operations.ts';

test('a store of a version to come is refused, with its path and both versions', () => {
  const path = `${temporaryDirectory()}/store`;
  const database = new DatabaseSync(path);
  prepareSchema(database, path);
  prepareSchema(database, path);
  database.exec(`PRAGMA user_version = ${schemaVersion + 1}`);
  assert.throws(() => prepareSchema(database, path), new RegExp(`${path} has version ${schemaVersion + 1}`));
  database.close();
});

function pragma(database: DatabaseSync, name: string): unknown {
  return database.prepare(`PRAGMA ${name}`).get()?.[name];
}

test('a commit is in the log, and what is deleted can be given back', () => {
  const path = `${temporaryDirectory()}/store`;
  openWriter(path).close();
  const database = new DatabaseSync(path);
  assert.equal(pragma(database, 'journal_mode'), 'wal');
  assert.equal(pragma(database, 'auto_vacuum'), 2);
  assert.equal(pragma(database, 'page_size'), 8192);
  database.close();
});

test('every key is exact as a double', () => {
  assert.ok(Number.isSafeInteger(messageIdMax * keysPerMessage + keysPerMessage - 1));
});

/** What version 1 made. */
const version1 = `
  CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    birth_ms INTEGER NOT NULL,
    caller TEXT NOT NULL,
    host TEXT NOT NULL,
    sender BLOB NOT NULL,
    size_bytes INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE chunk (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE recipient (
    id INTEGER PRIMARY KEY,
    address BLOB NOT NULL,
    attempts INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    report BLOB NOT NULL
  ) STRICT;
  CREATE INDEX recipient_due ON recipient (due_ms);
  CREATE TABLE incoming (id INTEGER PRIMARY KEY) STRICT;
  CREATE TABLE numbering (next_id INTEGER NOT NULL) STRICT;
  INSERT INTO numbering VALUES (1);
  PRAGMA user_version = 1;
`;

/** A store of version 1 with two messages: the first has a fresh recipient and a deferred one. */
function makeVersion1(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; ${version1}`);
  const message = database.prepare('INSERT INTO message VALUES (?, ?, ?, ?, ?, ?)');
  const chunk = database.prepare('INSERT INTO chunk VALUES (?, ?)');
  const recipient = database.prepare('INSERT INTO recipient VALUES (?, ?, ?, ?, ?)');
  for (const id of [7, 9]) {
    message.run(id, 1000 + id, 'network', '192.0.2.1', bytesOf('s@x'), 4);
    chunk.run(id * keysPerMessage, bytesOf('text'));
  }
  recipient.run(recipientId(7, 0), bytesOf('fresh@x'), 0, 1007, bytesOf(''));
  recipient.run(recipientId(7, 1), bytesOf('deferred@x'), 3, 5000, bytesOf('busy'));
  recipient.run(recipientId(9, 0), bytesOf('later@x'), 0, 1009, bytesOf(''));
  database.exec('INSERT INTO incoming VALUES (11); UPDATE numbering SET next_id = 100');
  database.close();
}

test('a store of version 1 is brought up to date with everything that is in it', () => {
  const path = `${temporaryDirectory()}/store`;
  makeVersion1(path);
  const { reader, writer, apply, close } = openBoth(path);
  assert.deepEqual(countsOf(reader), only({ messages: 2, fresh: 2, waiting: 1, incoming: 1 }));
  const message = reader.message(7);
  assert.ok(message);
  assert.deepEqual([message.open, message.failed, message.headerMessageId], [2, 0, '']);
  assert.deepEqual([...reader.body(message).chunks()], [bytesOf('text')]);
  // First attempts in the order of the messages.
  assert.deepEqual(
    reader.fresh({ order: -1, id: -1 }, 9).map(({ address, rank }) => [address, rank]),
    [
      ['fresh@x', 7],
      ['later@x', 9],
    ],
  );
  const [due] = reader.due({ order: -1, id: -1 }, 5000, 9);
  assert.deepEqual([due?.address, due?.attempts, due?.report, due?.dueMs], ['deferred@x', 3, 'busy', 5000]);
  // It works like one of its own.
  apply(
    { kind: 'settle', recipientId: recipientId(7, 0) },
    { kind: 'settle', recipientId: recipientId(7, 1) },
  );
  apply(acceptOperation(100));
  assert.deepEqual(countsOf(reader), only({ messages: 2, fresh: 2, incoming: 1 }));
  assert.deepEqual(apply({ kind: 'reserve', count: 1 }), [100]);
  for (let index = 0; index < 300; index += 1) {
    apply({ kind: 'chunk', messageId: 200, index, bytes: new Uint8Array(65_536) });
  }
  apply({ kind: 'drop', messageId: 200 });
  assert.equal(writer.compact(false), true);
  close();
  openBoth(path).close();
});

test('a store of version 1 whose migration is broken off is still one of version 1', () => {
  const path = `${temporaryDirectory()}/store`;
  makeVersion1(path);
  const database = new DatabaseSync(path);
  // The migration makes this table as its last but one.
  database.exec('CREATE TABLE tally (x INTEGER)');
  assert.throws(() => openWriter(path), /tally already exists/);
  database.exec('DROP TABLE tally');
  assert.equal(pragma(database, 'user_version'), 1);
  database.close();
  const { reader, close } = openBoth(path);
  assert.deepEqual(countsOf(reader), only({ messages: 2, fresh: 2, waiting: 1, incoming: 1 }));
  close();
});
