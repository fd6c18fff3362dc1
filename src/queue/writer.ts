/**
 * The store's writing half: a connection with its transactions, and what is done between them. What each operation
 * does is in apply.ts.
 */
import { DatabaseSync } from 'node:sqlite';
import { openApply } from './apply.ts';
import { createDiskRoom, type DiskRoom } from './disk-room.ts';
import type { Operation, StoreReady } from './operation.ts';
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
  /**
   * Gives some of the free pages back to the file system. Answers whether there may be more to do. `busy`: mail comes
   * and goes, so that up to as many free pages are kept as there are others.
   */
  compact(busy: boolean): boolean;
  /** Not to be asked within a transaction. */
  readonly room: DiskRoom;
  /** Deletes what never-completed messages left behind. Answers how many there were. */
  sweep(): number;
  close(): void;
}

/** Numbers that a start reserves: more than there are connections, and few, since a crash loses them. */
const idBlock = 2000;

/**
 * Free pages that are given back in one transaction: fewer than SQLite's cache holds, else those that are about to go
 * would be written to the log first, and fill the disk that they are to make room on.
 */
const compactPages = 200;

/** Such transactions of one step, which takes the time of a few commits. */
const compactTransactions = 5;

/** Free pages that are kept for the next messages. */
const sparePages = 256;

/** What is done before the first operation: what was never completed goes, and numbers are reserved. */
export function startWriter(writer: Writer): StoreReady {
  writer.begin();
  const sweptMessages = writer.sweep();
  const firstId = writer.apply({ kind: 'reserve', count: idBlock });
  writer.commit();
  // Without numbers no mail is taken, and what is here is delivered.
  return { firstId, idCount: firstId === 0 ? 0 : idBlock, sweptMessages };
}

function openPrepared(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    configureConnection(database);
    configureWriter(database);
    prepareSchema(database, path);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

export function openWriter(path: string): Writer {
  const database = openPrepared(path);
  const tally = openTally(database);
  const { apply, sweep } = openApply(database, tally, path);
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const freePageCount = database.prepare('PRAGMA freelist_count');
  const pageCount = database.prepare('PRAGMA page_count');
  const moveLog = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');

  let hasShrunk = false;

  function checkpoint(): boolean {
    try {
      const moved = moveLog.get();
      return moved?.['busy'] === 0 && moved['log'] === moved['checkpointed'];
    } catch {
      // The log keeps what the store had no room for.
      return false;
    }
  }

  /** Moves the log as `mode` says, if nobody reads in it. Answers whether it could be done. */
  function moveUnread(mode: 'RESTART' | 'TRUNCATE'): boolean {
    database.exec('PRAGMA busy_timeout = 0');
    try {
      return database.prepare(`PRAGMA wal_checkpoint(${mode})`).get()?.['busy'] === 0;
    } catch {
      return false;
    } finally {
      configureConnection(database);
    }
  }

  /** The log's file goes too when the store has given something back; one that is being read is used again. */
  function emptyLog(): void {
    if (hasShrunk && moveUnread('TRUNCATE')) hasShrunk = false;
  }

  /** One step of compaction. False on a disk that is full: the pages stay free for what comes. */
  function vacuum(): boolean {
    try {
      for (let left = compactTransactions; left > 0; left -= 1) {
        database.exec(`PRAGMA incremental_vacuum(${compactPages})`);
      }
      hasShrunk = true;
      return true;
    } catch {
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
    room: createDiskRoom(path, database, {
      restartLog: () => moveUnread('RESTART'),
      emptyLog: () => moveUnread('TRUNCATE'),
      shrink: () => vacuum() && moveUnread('TRUNCATE'),
    }),
    compact(busy) {
      try {
        const free = Number(freePageCount.get()?.['freelist_count']);
        const spare = busy ? Math.max(Number(pageCount.get()?.['page_count']) / 2, sparePages) : sparePages;
        // What the store has grown by has its room before: a step writes to the log.
        if (free > spare) return checkpoint() && vacuum();
        if (!busy) emptyLog();
        return false;
      } catch {
        // It cannot be read: the pages stay free for what comes.
        return false;
      }
    },
    close: () => database.close(),
  };
}
