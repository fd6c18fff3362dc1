/**
 * Group commit: everything that arrived while one transaction was on its way to the disk is the next transaction, one
 * sync for all of it, however many wait. When such a transaction fails, each of its operations has one of its own, so
 * that a large message that finds the disk full, or a record that no longer fits, takes no other with it.
 */
import { releaseBuffer } from '../system/node/index.ts';
import { type Batch, type BatchResult, mailBytes, type Operation, type Outcome } from './operation.ts';
import { storeProblem } from './store-problem.ts';
import type { Writer } from './writer.ts';

/** The log is moved into the store when it has grown by about this many pages. */
const checkpointPages = 4000;

/** What an operation without bytes writes, about, and how many bytes go into a page. */
const pagesPerBatch = 4;
const pageBytes = 8192;

/** Chunks of large messages make a transaction of their own when they exceed this. */
const transactionBytesMax = 16 * 1024 * 1024;

export interface GroupCommit {
  add(batches: readonly Batch[]): void;
  /** Commits what waits, up to a size; undefined when nothing waits. */
  commit(): readonly BatchResult[] | undefined;
  /** Moves the log into the store if it has grown so far. */
  checkpoint(): void;
}

function totalBytes(operations: readonly Operation[]): number {
  let sizeBytes = 0;
  for (const operation of operations) sizeBytes += mailBytes(operation);
  return sizeBytes;
}

/** The bytes are in the store, or were refused. */
function release(batches: readonly Batch[]): void {
  for (const { operations } of batches) {
    for (const operation of operations) if ('bytes' in operation) releaseBuffer(operation.bytes);
  }
}

/** `path` is named in what is refused. */
export function createGroupCommit(writer: Writer, path: string): GroupCommit {
  let pagesSinceCheckpoint = 0;
  let waiting: Batch[] = [];

  /** One transaction for all operations. Throws when it fails; then none of them happened. */
  function transaction(operations: readonly Operation[]): readonly number[] {
    const sizeBytes = totalBytes(operations);
    const { room } = writer;
    const records = operations.filter((operation) => mailBytes(operation) === 0).length;
    const hasRoom = sizeBytes > 0 ? room.forMail(sizeBytes, records) : room.forRecords(records);
    if (!hasRoom) throw new Error(`the disk of ${path} is full`);
    try {
      writer.begin();
      const values = operations.map((operation) => writer.apply(operation));
      writer.commit();
      return values;
    } catch (error) {
      writer.rollback();
      throw error;
    }
  }

  /** The log may be in the way of what would fit: those before may have filled it again. */
  function alone(operation: Operation): Outcome {
    try {
      return transaction([operation])[0] ?? 0;
    } catch (error) {
      if (!writer.checkpoint()) return storeProblem(path, error);
    }
    try {
      return transaction([operation])[0] ?? 0;
    } catch (error) {
      return storeProblem(path, error);
    }
  }

  function together(operations: readonly Operation[]): readonly Outcome[] {
    try {
      return transaction(operations);
    } catch {
      // Whatever is wrong, each operation meets it again by itself.
      writer.checkpoint();
      return operations.map(alone);
    }
  }

  /** The batches of the next transaction: all that wait, up to a size. */
  function next(): readonly Batch[] {
    let sizeBytes = 0;
    let count = 0;
    for (const batch of waiting) {
      sizeBytes += totalBytes(batch.operations);
      if (count > 0 && sizeBytes > transactionBytesMax) break;
      count += 1;
    }
    const batches = waiting.slice(0, count);
    waiting = waiting.slice(count);
    pagesSinceCheckpoint += pagesPerBatch * count + sizeBytes / pageBytes;
    return batches;
  }

  return {
    add(batches) {
      waiting.push(...batches);
    },
    commit() {
      if (waiting.length === 0) return undefined;
      const batches = next();
      const outcomes = together(batches.flatMap(({ operations }) => operations));
      release(batches);
      let start = 0;
      return batches.map(({ number, operations }) => {
        const end = start + operations.length;
        const result = { number, outcomes: outcomes.slice(start, end) };
        start = end;
        return result;
      });
    },
    checkpoint() {
      if (pagesSinceCheckpoint < checkpointPages) return;
      writer.checkpoint();
      pagesSinceCheckpoint = 0;
    },
  };
}
