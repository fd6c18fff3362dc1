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

/**
 * `restartLog` moves the log into the store and answers whether the log will be written from its start again: it will
 * not while somebody reads what was in it, and grows. Answers whether so many bytes can be stored; nothing may be open
 * that keeps the store from being looked at.
 */
export function createDiskRoom(
  path: string,
  database: DatabaseSync,
  restartLog: () => boolean,
): (sizeBytes: number) => boolean {
  const directory = dirname(path);
  const pageCount = database.prepare('PRAGMA page_count');
  const freePageCount = database.prepare('PRAGMA freelist_count');
  const pageBytes = Number(database.prepare('PRAGMA page_size').get()?.['page_size']);

  /** `logBytes`: how much of the log's file can be written again. */
  function fits(sizeBytes: number, logBytes: number): boolean {
    const { bavail, blocks, bsize } = statfsSync(directory);
    const pages = Number(pageCount.get()?.['page_count']);
    const freePages = Number(freePageCount.get()?.['freelist_count']);
    const notMoved = Math.max(0, pages * pageBytes - statSync(path).size);
    const written = sizeBytes + sizeBytes / overheadShare + overheadPages * pageBytes;
    const growth = Math.max(0, written - freePages * pageBytes) + Math.max(0, written - logBytes);
    return bavail * bsize >= notMoved + growth + Math.min(reserveBytesMax, (blocks * bsize) / reserveShare);
  }

  return (sizeBytes) => {
    const { bavail, bsize } = statfsSync(directory);
    if (bavail * bsize >= plentyBytes + 3 * sizeBytes || fits(sizeBytes, 0)) return true;
    const restarted = restartLog();
    return fits(sizeBytes, restarted ? (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) : 0);
  };
}
