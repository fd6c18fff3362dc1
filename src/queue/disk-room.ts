/**
 * Whether the disk has room for more mail. A store that fills its disk to the last byte could not get out of it again:
 * what is delivered must be recorded, the log that holds the records must be moved into the store, and both need room
 * before they give any back. So new mail is refused while there is still room for that.
 */
import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

/** What is kept free for records of deliveries, and no more than this share of a very small disk. */
const reserveBytesMax = 2 * 1024 * 1024;
const reserveShare = 8;

/** With this much free there is no need to look closer: no log grows so far between two checkpoints. */
const plentyBytes = 192 * 1024 * 1024;

/** Keys, indexes and partly filled pages come to at most an eighth of what is stored, and to these pages. */
const overheadShare = 8;
const overheadPages = 8;

/** What gives room back. Each answers whether it could be done: not while somebody reads what is in the log. */
export interface Movable {
  /** Moves the log into the store, so that it will be written from its start again, in the file that it has. */
  restartLog(): boolean;
  /** Moves the log into the store, and gives its file back to the file system. */
  emptyLog(): boolean;
  /** Gives some of the store's free pages back, and the log's file. */
  shrink(): boolean;
}

/** Steps that give free pages back for one message: all of them take the time of some commits. */
const shrinkSteps = 5;

/** What one record writes to the log at most, whatever its message: pages of its rows, indexes and the list of free ones. */
const recordPagesMax = 16;

/** Not to be asked while something is open that keeps the store from being looked at. */
export interface DiskRoom {
  /** Whether so many bytes of new mail can be stored, together with so many records. */
  forMail(sizeBytes: number, records: number): boolean;
  /**
   * Whether so many records can be tried. What the store has grown by comes first: a log that took the room for it could
   * never be moved again. A record that finds no room for itself does no harm.
   */
  forRecords(count: number): boolean;
}

export function createDiskRoom(
  path: string,
  database: DatabaseSync,
  { restartLog, emptyLog, shrink }: Movable,
): DiskRoom {
  const directory = dirname(path);
  const pageCount = database.prepare('PRAGMA page_count');
  const freePageCount = database.prepare('PRAGMA freelist_count');
  const pageBytes = Number(database.prepare('PRAGMA page_size').get()?.['page_size']);

  const recordBytesMax = recordPagesMax * pageBytes;

  const freeBytes = () => Number(freePageCount.get()?.['freelist_count']) * pageBytes;
  const logFileBytes = () => statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;

  function disk() {
    const { bavail, blocks, bsize } = statfsSync(directory);
    return {
      availableBytes: bavail * bsize,
      reserveBytes: Math.min(reserveBytesMax, (blocks * bsize) / reserveShare),
    };
  }

  /** By how much the store's file will grow when the log is moved. */
  function notMovedBytes(): number {
    return Math.max(0, Number(pageCount.get()?.['page_count']) * pageBytes - statSync(path).size);
  }

  /**
   * Bytes that lack, none when 0 or less. `mailBytes`: what is written to the log and then to the store; `recordBytes`:
   * what is written to the log besides. `logBytes`: how much of the log's file can be written again. `pagesBytes`: free
   * pages that the mail finds in the store.
   */
  function lacking(mailBytes: number, recordBytes: number, logBytes: number, pagesBytes: number): number {
    const { availableBytes, reserveBytes } = disk();
    const storeGrowth = notMovedBytes() + Math.max(0, mailBytes - pagesBytes);
    const logGrowth = Math.max(0, mailBytes + recordBytes + reserveBytes - logBytes);
    return storeGrowth + logGrowth - availableBytes;
  }

  return {
    forMail(sizeBytes, records) {
      if (disk().availableBytes >= plentyBytes + 3 * sizeBytes) return true;
      const mail = sizeBytes + sizeBytes / overheadShare + overheadPages * pageBytes;
      const lacks = (logBytes: number, pagesBytes: number) =>
        lacking(mail, records * recordBytesMax, logBytes, pagesBytes);
      if (lacks(0, freeBytes()) <= 0) return true;
      if (!restartLog()) return false;
      const logBytes = logFileBytes();
      if (lacks(logBytes, freeBytes()) <= 0) return true;
      // The log may have grown while it was read, and the store may have drained: what they hold is given back only
      // where that is enough, since on a disk that others fill it is all that there is for records.
      if (lacks(0, 0) > logBytes + freeBytes() || !emptyLog()) return false;
      for (let steps = 0; lacks(0, freeBytes()) > 0; steps += 1) {
        if (steps === shrinkSteps || !shrink()) return false;
      }
      return true;
    },
    forRecords(count) {
      const { availableBytes, reserveBytes } = disk();
      if (availableBytes >= plentyBytes) return true;
      const notMoved = notMovedBytes();
      if (notMoved === 0 || availableBytes >= notMoved + reserveBytes + count * recordBytesMax) return true;
      // Whether somebody reads it or not: what counts is that the store has grown.
      restartLog();
      return notMovedBytes() === 0;
    },
  };
}
