/**
 * The store's writing half: a connection with its transactions, and what is done between them. What each operation
 * does is in apply.ts.
 */
import { DatabaseSync } from 'node:sqlite';
import { openApply } from './apply.ts';
import { createDiskRoom } from './disk-room.ts';
import type { Operation } from './operation.ts';
import { configureConnection, configureWriter, prepareSchema } from './schema.ts';
import { openTally } from './tally.ts';

export interface Writer {
  /** Carries out one operation; its value goes into the batch's result. */
  apply(operation: Operation): number;
  begin(): void;
  commit(): void;
  /** Undoes what the transaction did, if one is open. */
  rollback(): void;
  /** Moves the log's pages into the store. False when some stay in the log, as on a full disk. */
  checkpoint(): boolean;
  /** Gives at most so many free pages back to the file system. Answers whether there are more. */
  compact(pages: number): boolean;
  /** Whether the disk has room for so many bytes of mail; not to be asked within a transaction. */
  hasRoom(sizeBytes: number): boolean;
  /** Deletes what never-completed messages left behind. Answers how many there were. */
  sweep(): number;
  close(): void;
}

export function openWriter(path: string): Writer {
  const database = new DatabaseSync(path);
  configureConnection(database);
  configureWriter(database);
  prepareSchema(database, path);

  const tally = openTally(database);
  const { apply, sweep } = openApply(database, tally, path);
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const freePages = database.prepare('PRAGMA freelist_count');
  const moveLog = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');

  function checkpoint(): boolean {
    try {
      const moved = moveLog.get();
      return moved?.['busy'] === 0 && moved['log'] === moved['checkpointed'];
    } catch {
      // The log keeps what the store had no room for.
      return false;
    }
  }

  return {
    apply,
    sweep,
    begin: () => {
      begin.run();
    },
    commit() {
      tally.flush();
      commit.run();
    },
    rollback() {
      tally.reset();
      if (database.isTransaction) database.exec('ROLLBACK');
    },
    checkpoint,
    hasRoom: createDiskRoom(path, database, checkpoint),
    compact(pages) {
      const free = Number(freePages.get()?.['freelist_count']);
      if (free === 0) return false;
      try {
        database.exec(`PRAGMA incremental_vacuum(${pages})`);
        return free > pages;
      } catch {
        return false;
      }
    },
    close: () => database.close(),
  };
}
