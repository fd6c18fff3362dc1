/** The store's writing half: each operation as its statements. The caller brackets them in a transaction. */
import { DatabaseSync } from 'node:sqlite';
import { bytesOf } from '../system/index.ts';
import { createDiskRoom } from './disk-room.ts';
import type { AcceptOperation, DeferOperation, Operation } from './operation.ts';
import {
  configureConnection,
  configureWriter,
  keysPerMessage,
  messageIdMax,
  prepareSchema,
} from './schema.ts';

export interface Writer {
  /** Carries out one operation; its value goes into the batch's result. */
  apply(operation: Operation): number;
  begin(): void;
  commit(): void;
  /** Undoes what the transaction did, if one is open. */
  rollback(): void;
  /** Moves the log's pages into the store. False when some stay in the log, as on a full disk. */
  checkpoint(): boolean;
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

  const insertMessage = database.prepare(
    'INSERT INTO message (id, birth_ms, caller, host, sender, size_bytes) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const insertChunk = database.prepare('INSERT INTO chunk (id, bytes) VALUES (?, ?)');
  const insertRecipient = database.prepare(
    "INSERT INTO recipient (id, address, attempts, due_ms, report) VALUES (?, ?, 0, ?, x'')",
  );
  const insertIncoming = database.prepare('INSERT OR IGNORE INTO incoming (id) VALUES (?)');
  const deleteIncoming = database.prepare('DELETE FROM incoming WHERE id = ?');
  const deleteMessage = database.prepare('DELETE FROM message WHERE id = ?');
  const deleteChunks = database.prepare('DELETE FROM chunk WHERE id >= ? AND id < ?');
  const deleteRecipient = database.prepare('DELETE FROM recipient WHERE id = ?');
  const otherRecipient = database.prepare('SELECT 1 FROM recipient WHERE id >= ? AND id < ? LIMIT 1');
  const updateRecipient = database.prepare(
    'UPDATE recipient SET attempts = ?, due_ms = ?, report = ? WHERE id = ?',
  );
  const selectIncoming = database.prepare('SELECT id FROM incoming');
  const takeNumbers = database.prepare(
    'UPDATE numbering SET next_id = next_id + ? RETURNING next_id - ? AS first_id',
  );
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const moveLog = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');

  function accept(operation: AcceptOperation): void {
    const firstKey = operation.messageId * keysPerMessage;
    insertMessage.run(
      operation.messageId,
      operation.birthMs,
      operation.caller,
      operation.host,
      bytesOf(operation.sender),
      operation.sizeBytes,
    );
    if (operation.bytes.length > 0) insertChunk.run(firstKey + operation.index, operation.bytes);
    if (operation.index > 0) deleteIncoming.run(operation.messageId);
    operation.recipients.forEach((address, index) => {
      insertRecipient.run(firstKey + index, bytesOf(address), operation.birthMs);
    });
    // A message to nobody is done as soon as it is accepted.
    if (operation.recipients.length === 0) forget(operation.messageId);
  }

  function forget(messageId: number): void {
    deleteMessage.run(messageId);
    deleteChunks.run(messageId * keysPerMessage, (messageId + 1) * keysPerMessage);
  }

  function drop(messageId: number): void {
    deleteChunks.run(messageId * keysPerMessage, (messageId + 1) * keysPerMessage);
    deleteIncoming.run(messageId);
  }

  /** 1 when the message has no recipient left and is gone. */
  function settle(recipientId: number): number {
    deleteRecipient.run(recipientId);
    const messageId = Math.floor(recipientId / keysPerMessage);
    const firstKey = messageId * keysPerMessage;
    if (otherRecipient.get(firstKey, firstKey + keysPerMessage) !== undefined) return 0;
    forget(messageId);
    return 1;
  }

  function defer(operation: DeferOperation): void {
    updateRecipient.run(
      operation.attempts,
      operation.dueMs,
      bytesOf(operation.report),
      operation.recipientId,
    );
  }

  function reserve(count: number): number {
    const firstId = Number(takeNumbers.get(count, count)?.['first_id']);
    if (firstId + count > messageIdMax) throw new Error(`${path}: message numbers are used up`);
    return firstId;
  }

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
    apply(operation) {
      switch (operation.kind) {
        case 'chunk':
          // The first may have found the disk full, and the second not.
          insertIncoming.run(operation.messageId);
          insertChunk.run(operation.messageId * keysPerMessage + operation.index, operation.bytes);
          return 0;
        case 'accept':
          accept(operation);
          return 0;
        case 'drop':
          drop(operation.messageId);
          return 0;
        case 'settle':
          return settle(operation.recipientId);
        case 'defer':
          defer(operation);
          return 0;
        case 'reserve':
          return reserve(operation.count);
      }
    },
    begin: () => {
      begin.run();
    },
    commit: () => {
      commit.run();
    },
    rollback() {
      if (database.isTransaction) database.exec('ROLLBACK');
    },
    checkpoint,
    hasRoom: createDiskRoom(path, database, checkpoint),
    sweep() {
      const left = selectIncoming.all();
      for (const row of left) drop(Number(row['id']));
      return left.length;
    },
    close: () => database.close(),
  };
}
