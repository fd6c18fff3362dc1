/** Repairs are one transaction: all of them, or none. */
import { deepStrictEqual, throws } from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Repair } from '../../src/queue/finding.ts';
import { createRepairer } from '../../src/queue/repair.ts';
import { keysPerMessage, prepareSchema, recipientState } from '../../src/queue/schema.ts';

function makeStore(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  prepareSchema(database, 'the test');
  database.exec(`
    INSERT INTO message VALUES (1, 0, '', '', x'', 1, x'', 5, 0), (2, 0, '', '', x'', 1, x'', 0, 0);
    INSERT INTO chunk VALUES (${keysPerMessage}, x'61'), (${2 * keysPerMessage}, x'61'), (${3 * keysPerMessage}, x'61');
    INSERT INTO recipient VALUES (${keysPerMessage}, x'61', 8, 0, 0, 0, 0, x''), (${4 * keysPerMessage}, x'61', 0, 0, 0, 0, 0, x'');
    INSERT INTO incoming VALUES (1);
    INSERT INTO memory VALUES (x'61', 1, 1), (zeroblob(40), 1, 1);
  `);
  return database;
}

const repairs: readonly Repair[] = [
  { kind: 'reindex' },
  { kind: 'recount', messageId: 1, open: 1, failed: 0 },
  { kind: 'deleteMessage', messageId: 2 },
  { kind: 'deleteChunks', messageId: 3 },
  { kind: 'deleteRecipients', messageId: 4 },
  { kind: 'deleteIncoming', messageId: 1 },
  { kind: 'retryRecipient', recipientId: keysPerMessage },
  { kind: 'setTally', messages: 1, states: { fresh: 0, waiting: 1, held: 0, failed: 0 } },
  { kind: 'setNextId', nextId: 9 },
  { kind: 'forgetStrangeMemory' },
];

function contents(database: DatabaseSync): object {
  const ids = (table: string) =>
    database
      .prepare(`SELECT id FROM ${table} ORDER BY id`)
      .all()
      .map((row) => Number(row['id']));
  return {
    messages: ids('message'),
    chunks: ids('chunk'),
    recipients: ids('recipient'),
    incoming: ids('incoming'),
    first: { ...database.prepare('SELECT open, failed FROM message WHERE id = 1').get() },
    state: { ...database.prepare('SELECT state, due_ms FROM recipient').get() },
    tally: { ...database.prepare('SELECT * FROM tally').get() },
    nextId: database.prepare('SELECT next_id FROM numbering').get()?.['next_id'],
    memory: database.prepare('SELECT count(*) AS count FROM memory').get()?.['count'],
  };
}

test('each repair does what it says', () => {
  const database = makeStore();
  const repairer = createRepairer(database, 77);
  for (const repair of repairs) repairer.repair(repair);
  repairer.commit();
  deepStrictEqual(contents(database), {
    messages: [1],
    chunks: [keysPerMessage],
    recipients: [keysPerMessage],
    incoming: [],
    first: { open: 1, failed: 0 },
    state: { state: recipientState.waiting, due_ms: 77 },
    tally: { messages: 1, fresh: 0, waiting: 1, held: 0, failed: 0 },
    nextId: 9,
    memory: 1,
  });
});

test('a missing index is made again', () => {
  const database = makeStore();
  const sql = String(
    database.prepare(`SELECT sql FROM sqlite_schema WHERE name = 'recipient_fresh'`).get()?.['sql'],
  );
  database.exec('DROP INDEX recipient_fresh');
  const repairer = createRepairer(database, 0);
  repairer.repair({ kind: 'createIndex', sql });
  repairer.commit();
  throws(() => database.exec(sql), /already exists/);
});

test('what is rolled back has not happened, also after a failure', () => {
  const database = makeStore();
  const before = contents(database);
  const repairer = createRepairer(database, 0);
  for (const repair of repairs) repairer.repair(repair);
  throws(() => repairer.repair({ kind: 'createIndex', sql: 'CREATE INDEX wrong ON nothing (id)' }));
  repairer.rollback();
  deepStrictEqual(contents(database), before);
  // Nothing is open any more.
  repairer.rollback();
  repairer.commit();
});
