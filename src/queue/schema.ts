/**
 * The store's tables, and the settings of a connection with the reason for each.
 *
 * A message's number is its key. Its chunks and recipients carry it in the upper bits of theirs, so that they are
 * found, counted and deleted as one range of the primary key, and no further index has to be kept for them.
 */
import type { DatabaseSync } from 'node:sqlite';

export const schemaVersion = 1;

/** Keys of chunks and recipients: message number times this, plus their place in the message. */
export const keysPerMessage = 2 ** 20;

/** Message numbers stay below this, so that every key is exact as a double. */
export const messageIdMax = 2 ** 33 - 2;

const tables = `
  CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    birth_ms INTEGER NOT NULL,
    caller TEXT NOT NULL,
    host TEXT NOT NULL,
    sender BLOB NOT NULL,
    size_bytes INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE chunk (
    id INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
  ) STRICT;
  CREATE TABLE recipient (
    id INTEGER PRIMARY KEY,
    address BLOB NOT NULL,
    attempts INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    report BLOB NOT NULL
  ) STRICT;
  CREATE INDEX recipient_due ON recipient (due_ms);
  -- Messages whose first chunks are here and whose envelope is not: what a crash leaves of them is swept.
  CREATE TABLE incoming (
    id INTEGER PRIMARY KEY
  ) STRICT;
  -- The first message number that was never given out.
  CREATE TABLE numbering (
    next_id INTEGER NOT NULL
  ) STRICT;
  INSERT INTO numbering VALUES (1);
`;

/** Settings of every connection. */
export function configureConnection(database: DatabaseSync): void {
  // Readers and a writer of another process meet only for moments.
  database.exec('PRAGMA busy_timeout = 10000');
}

/** Settings of the connection that writes. */
export function configureWriter(database: DatabaseSync): void {
  // Most of a message lies in overflow pages; larger pages mean fewer of them and fewer frames in the log.
  database.exec('PRAGMA page_size = 8192');
  // One sequential file takes each commit, and readers go on meanwhile.
  database.exec('PRAGMA journal_mode = WAL');
  // The log is synced at each commit: only then may a K go out.
  database.exec('PRAGMA synchronous = FULL');
  // The worker checkpoints when it has nothing else to do, see store-worker.ts.
  database.exec('PRAGMA wal_autocheckpoint = 0');
  // Statement journals of large transactions stay out of /tmp, which may be on another disk, or full.
  database.exec('PRAGMA temp_store = MEMORY');
}

/** Makes the tables in an empty store, and refuses one of a version that this program does not know. */
export function prepareSchema(database: DatabaseSync, path: string): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version === schemaVersion) return;
  if (version !== 0) {
    throw new Error(`${path} has version ${version}, and this program knows version ${schemaVersion} only`);
  }
  database.exec(`BEGIN IMMEDIATE; ${tables} PRAGMA user_version = ${schemaVersion}; COMMIT`);
}
