/**
 * The store's tables, and the settings of a connection with the reason for each.
 *
 * A message's number is its key. Its chunks and recipients carry it in the upper bits of theirs, so that they are
 * found, counted and deleted as one range of the primary key, and no further index has to be kept for them. What
 * must be found by anything else has a partial index of its own, so that no question ever walks the whole queue.
 */
import type { DatabaseSync } from 'node:sqlite';

export const schemaVersion = 2;

/** Keys of chunks and recipients: message number times this, plus their place in the message. */
export const keysPerMessage = 2 ** 20;

/** The message that a chunk or a recipient belongs to. */
export function messageIdOf(key: number): number {
  return Math.floor(key / keysPerMessage);
}

/** Message numbers stay below this, so that every key is exact as a double. */
export const messageIdMax = 2 ** 33 - 2;

/**
 * What a recipient waits for. `fresh`: its first attempt, in the order of `rank`. `waiting`: a time, `due_ms`.
 * `held`: an operator. `failed`: the other recipients, and then a bounce.
 */
export const recipientState = { fresh: 0, waiting: 1, held: 2, failed: 3 } as const;

/** What a recipient waits for: its first attempt, a time, an operator, or the message's bounce. */
export type RecipientState = keyof typeof recipientState;

/** The states by their values in the store. */
export const stateNames: ReadonlyMap<number, RecipientState> = new Map(
  Object.entries(recipientState).map(([name, value]) => [value, name as RecipientState]),
);

/** The indexes of recipients, by which the sender finds what is next. */
const recipientIndexes = `
  CREATE INDEX recipient_fresh ON recipient (rank) WHERE state = ${recipientState.fresh};
  CREATE INDEX recipient_waiting ON recipient (due_ms) WHERE state = ${recipientState.waiting};
`;

/** Messages without an open recipient: their bounce is due. */
const messageIndexes = 'CREATE INDEX message_bounce ON message (id) WHERE open = 0;';

const memoryTable = `
  -- Submissions that were taken, so that the same one again is not taken twice. The key begins with the Message-ID,
  -- which for most senders grows with time, so that new keys are neighbours.
  CREATE TABLE memory (
    key BLOB PRIMARY KEY,
    message_id INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX memory_expires ON memory (expires_ms);
`;

const tallyTable = `
  -- How many there are, kept by every transaction, since counting would walk them.
  CREATE TABLE tally (
    messages INTEGER NOT NULL,
    fresh INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    held INTEGER NOT NULL,
    failed INTEGER NOT NULL
  ) STRICT;
`;

const tables = `
  CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    birth_ms INTEGER NOT NULL,
    caller TEXT NOT NULL,
    host TEXT NOT NULL,
    sender BLOB NOT NULL,
    size_bytes INTEGER NOT NULL,
    message_id BLOB NOT NULL,
    -- Recipients that are fresh, waiting or held.
    open INTEGER NOT NULL,
    failed INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE chunk (
    id INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
  ) STRICT;
  CREATE TABLE recipient (
    id INTEGER PRIMARY KEY,
    address BLOB NOT NULL,
    state INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    tried_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    report BLOB NOT NULL
  ) STRICT;
  -- Messages whose first chunks are here and whose envelope is not: what a crash leaves of them is swept.
  CREATE TABLE incoming (
    id INTEGER PRIMARY KEY
  ) STRICT;
  -- The first message number that is neither given out nor reserved.
  CREATE TABLE numbering (
    next_id INTEGER NOT NULL
  ) STRICT;
  INSERT INTO numbering VALUES (1);
  ${recipientIndexes}
  ${messageIndexes}
  ${memoryTable}
  ${tallyTable}
  INSERT INTO tally VALUES (0, 0, 0, 0, 0);
`;

/** What leads from each version to the next. */
const migrations: Readonly<Record<number, string>> = {
  1: `
    ALTER TABLE message ADD COLUMN message_id BLOB NOT NULL DEFAULT x'';
    ALTER TABLE message ADD COLUMN open INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE message ADD COLUMN failed INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE recipient ADD COLUMN state INTEGER NOT NULL DEFAULT ${recipientState.fresh};
    ALTER TABLE recipient ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE recipient ADD COLUMN tried_ms INTEGER NOT NULL DEFAULT 0;
    DROP INDEX recipient_due;
    UPDATE recipient SET state = ${recipientState.waiting} WHERE attempts > 0;
    UPDATE recipient SET rank = id / ${keysPerMessage};
    UPDATE message SET open = (SELECT count(*) FROM recipient WHERE recipient.id >= message.id * ${keysPerMessage}
      AND recipient.id < (message.id + 1) * ${keysPerMessage});
    ${recipientIndexes}
    ${messageIndexes}
    ${memoryTable}
    ${tallyTable}
    INSERT INTO tally VALUES ((SELECT count(*) FROM message),
      (SELECT count(*) FROM recipient WHERE state = ${recipientState.fresh}),
      (SELECT count(*) FROM recipient WHERE state = ${recipientState.waiting}), 0, 0);
  `,
};

/** The number of the auto_vacuum mode in which free pages go back when they are asked to. */
const incremental = 2;

/** Settings of every connection. */
export function configureConnection(database: DatabaseSync): void {
  // Readers and a writer of another process meet only for moments.
  database.exec('PRAGMA busy_timeout = 10000');
}

/** Settings of the connection that writes. */
export function configureWriter(database: DatabaseSync): void {
  // Most of a message lies in overflow pages; larger pages mean fewer of them and fewer frames in the log.
  database.exec('PRAGMA page_size = 8192');
  // Pages that are free go back to the file system in small steps, when there is nothing else to do.
  database.exec(`PRAGMA auto_vacuum = ${incremental}`);
  // One sequential file takes each commit, and readers go on meanwhile.
  database.exec('PRAGMA journal_mode = WAL');
  // The log is synced at each commit: only then may a K go out.
  database.exec('PRAGMA synchronous = FULL');
  // The store's thread checkpoints between transactions, when the log has grown by some pages (store-worker.ts).
  database.exec('PRAGMA wal_autocheckpoint = 0');
  // A log that once was large, for one large message, is cut back when it is used from its start again.
  database.exec('PRAGMA journal_size_limit = 67108864');
  // Statement journals of large transactions stay out of /tmp, which may be on another disk, or full.
  database.exec('PRAGMA temp_store = MEMORY');
}

export function storedVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}

/** Makes the tables in an empty store, brings an older one up to date, and refuses one of a version to come. */
export function prepareSchema(database: DatabaseSync, path: string): void {
  const version = storedVersion(database);
  if (version > schemaVersion) {
    throw new Error(`${path} has version ${version}, and this program knows up to version ${schemaVersion}`);
  }
  if (version === 0) {
    database.exec(`BEGIN IMMEDIATE; ${tables} PRAGMA user_version = ${schemaVersion}; COMMIT`);
  }
  for (let from = version; from > 0 && from < schemaVersion; from += 1) {
    database.exec(`BEGIN IMMEDIATE; ${migrations[from]} PRAGMA user_version = ${from + 1}; COMMIT`);
  }
  allowCompaction(database);
}

/** A store of version 1 must be written anew once before it can give back free pages. */
function allowCompaction(database: DatabaseSync): void {
  if (database.prepare('PRAGMA auto_vacuum').get()?.['auto_vacuum'] === incremental) return;
  try {
    database.exec(`PRAGMA auto_vacuum = ${incremental}; VACUUM`);
  } catch {
    // There is no room for it now: the next start tries again.
  }
}
