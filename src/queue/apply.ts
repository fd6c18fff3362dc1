/** What each operation does to the tables. The caller brackets operations in a transaction. */
import type { DatabaseSync } from 'node:sqlite';
import { bytesOf } from '../system/index.ts';
import {
  type AcceptOperation,
  type DeferOperation,
  type FailOperation,
  type MemoryEntry,
  type Operation,
  type PostponeOperation,
  progress,
  type SteerOperation,
} from './operation.ts';
import { ranksOf } from './recipient-ranks.ts';
import { keysPerMessage, messageIdMax, messageIdOf, recipientState } from './schema.ts';
import type { Tally } from './tally.ts';

export interface Apply {
  apply(operation: Operation): number;
  /** Deletes what never-completed messages left behind. Answers how many there were. */
  sweep(): number;
}

const { fresh, waiting, held, failed } = recipientState;

export function openApply(database: DatabaseSync, tally: Tally, path: string): Apply {
  const insertMessage = database.prepare(
    `INSERT INTO message (id, birth_ms, caller, host, sender, size_bytes, message_id, open, failed)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)`,
  );
  const insertChunk = database.prepare('INSERT INTO chunk (id, bytes) VALUES (?, ?)');
  const insertRecipient = database.prepare(
    `INSERT INTO recipient (id, address, state, rank, attempts, tried_ms, due_ms, report)
     VALUES (?, ?, ${fresh}, ?, 0, 0, ?, x'')`,
  );
  const insertIncoming = database.prepare('INSERT OR IGNORE INTO incoming (id) VALUES (?)');
  const deleteIncoming = database.prepare('DELETE FROM incoming WHERE id = ?');
  const selectIncoming = database.prepare('SELECT id FROM incoming');
  const selectMessage = database.prepare('SELECT open, failed FROM message WHERE id = ?');
  const updateMessage = database.prepare('UPDATE message SET open = ?, failed = ? WHERE id = ?');
  const deleteMessage = database.prepare('DELETE FROM message WHERE id = ?');
  const deleteChunks = database.prepare('DELETE FROM chunk WHERE id >= ? AND id < ?');
  const selectRecipient = database.prepare('SELECT state FROM recipient WHERE id = ?');
  const deleteRecipient = database.prepare('DELETE FROM recipient WHERE id = ?');
  const deleteRecipients = database.prepare('DELETE FROM recipient WHERE id >= ? AND id < ?');
  const updateTried = database.prepare(
    'UPDATE recipient SET state = ?, attempts = ?, tried_ms = ?, due_ms = ?, report = ? WHERE id = ?',
  );
  const updateState = database.prepare('UPDATE recipient SET state = ?, due_ms = ? WHERE id = ?');
  const updateFailed = database.prepare('UPDATE recipient SET state = ?, report = ? WHERE id = ?');
  const hasten = database.prepare(
    `UPDATE recipient SET due_ms = ?1 WHERE id IN (SELECT id FROM recipient
     WHERE state = ${waiting} AND due_ms > ?1 AND tried_ms < ?1 ORDER BY due_ms LIMIT ?2)`,
  );
  const selectMemory = database.prepare('SELECT message_id, expires_ms FROM memory WHERE key = ?');
  const replaceMemory = database.prepare(
    'REPLACE INTO memory (key, message_id, expires_ms) VALUES (?, ?, ?)',
  );
  const forgetMemory = database.prepare(
    'DELETE FROM memory WHERE key IN (SELECT key FROM memory WHERE expires_ms <= ? ORDER BY expires_ms LIMIT ?)',
  );
  const selectNumbering = database.prepare('SELECT next_id FROM numbering');
  const updateNumbering = database.prepare('UPDATE numbering SET next_id = ?');
  // A number that is in the store is never given out again, whatever the caller believes.
  const lowerNumbering = database.prepare(
    `UPDATE numbering SET next_id = ?1 WHERE next_id > ?1
     AND ?1 > coalesce((SELECT max(id) FROM message), 0) AND ?1 > coalesce((SELECT max(id) FROM incoming), 0)`,
  );

  function drop(messageId: number): void {
    deleteChunks.run(messageId * keysPerMessage, (messageId + 1) * keysPerMessage);
    deleteIncoming.run(messageId);
  }

  /** A message and all that is left of it. Its recipients are none, or have failed. */
  function forget(messageId: number, failedRecipients: number): void {
    const firstKey = messageId * keysPerMessage;
    if (Number(deleteMessage.run(messageId).changes) > 0) tally.messages(-1);
    deleteChunks.run(firstKey, firstKey + keysPerMessage);
    if (failedRecipients > 0) {
      deleteRecipients.run(firstKey, firstKey + keysPerMessage);
      tally.recipients(failed, -failedRecipients);
    }
  }

  /** The message that the same submission became before, or 0; it is remembered in that case. */
  function recall(memory: MemoryEntry, operation: AcceptOperation): number {
    const known = selectMemory.get(memory.key);
    if (known !== undefined && Number(known['expires_ms']) > operation.birthMs) {
      return Number(known['message_id']);
    }
    replaceMemory.run(memory.key, operation.messageId, memory.expiresMs);
    return 0;
  }

  function accept(operation: AcceptOperation): number {
    const { messageId, recipients } = operation;
    const before = operation.memory === undefined ? 0 : recall(operation.memory, operation);
    if (before !== 0) {
      if (operation.index > 0) drop(messageId);
      return before;
    }
    if (operation.replaces !== undefined) discard(operation.replaces);
    const firstKey = messageId * keysPerMessage;
    insertMessage.run(
      messageId,
      operation.birthMs,
      operation.caller,
      operation.host,
      bytesOf(operation.sender),
      operation.sizeBytes,
      bytesOf(operation.headerMessageId),
      recipients.length,
    );
    tally.messages(1);
    if (operation.bytes.length > 0) insertChunk.run(firstKey + operation.index, operation.bytes);
    if (operation.index > 0) deleteIncoming.run(messageId);
    const ranks = ranksOf(operation.rank, recipients);
    recipients.forEach((address, index) => {
      insertRecipient.run(firstKey + index, bytesOf(address), ranks[index] ?? 0, operation.birthMs);
    });
    tally.recipients(fresh, recipients.length);
    // A message to nobody is done as soon as it is accepted.
    if (recipients.length === 0) forget(messageId, 0);
    return 0;
  }

  function discard(messageId: number): void {
    const row = selectMessage.get(messageId);
    if (row === undefined) throw new Error(`${path}: message ${messageId} is not there to be replaced`);
    if (Number(row['open']) > 0) throw new Error(`${path}: message ${messageId} has open recipients`);
    forget(messageId, Number(row['failed']));
  }

  /** One open recipient less; `failure` when it waits for the bounce now. */
  function close(messageId: number, failure: boolean): number {
    const row = selectMessage.get(messageId);
    if (row === undefined) throw new Error(`${path}: recipients of message ${messageId} have no message`);
    const open = Number(row['open']) - 1;
    const failures = Number(row['failed']) + (failure ? 1 : 0);
    if (open === 0 && failures === 0) {
      forget(messageId, 0);
      return progress.finished;
    }
    updateMessage.run(open, failures, messageId);
    return open === 0 ? progress.bounceDue : progress.open;
  }

  /** The state of a recipient, undefined when it is not there any more. */
  function stateOf(recipientId: number): number | undefined {
    const row = selectRecipient.get(recipientId);
    return row === undefined ? undefined : Number(row['state']);
  }

  function settle(recipientId: number): number {
    const state = stateOf(recipientId);
    if (state === undefined || state === failed) return progress.open;
    deleteRecipient.run(recipientId);
    tally.recipients(state, -1);
    return close(messageIdOf(recipientId), false);
  }

  function move(from: number, to: number): void {
    tally.recipients(from, -1);
    tally.recipients(to, 1);
  }

  function fail(operation: FailOperation): number {
    const { recipientId, attempts, triedMs, report } = operation;
    const state = stateOf(recipientId);
    if (state === undefined || state === failed) return progress.open;
    updateTried.run(failed, attempts, triedMs, triedMs, bytesOf(report), recipientId);
    move(state, failed);
    return close(messageIdOf(recipientId), true);
  }

  /** A recipient that an operator has put on hold while it was being tried stays there. */
  function defer(operation: DeferOperation): void {
    const { recipientId, attempts, triedMs, dueMs, report } = operation;
    const state = stateOf(recipientId);
    if (state === undefined || state === failed) return;
    const next = state === held ? held : waiting;
    updateTried.run(next, attempts, triedMs, dueMs, bytesOf(report), recipientId);
    move(state, next);
  }

  /** A failed recipient is forgotten while the message has open ones; later its bounce is being written. */
  function deleteFailed(recipientId: number): number {
    const messageId = messageIdOf(recipientId);
    const row = selectMessage.get(messageId);
    if (row === undefined || Number(row['open']) === 0) return progress.unchanged;
    deleteRecipient.run(recipientId);
    tally.recipients(failed, -1);
    updateMessage.run(Number(row['open']), Number(row['failed']) - 1, messageId);
    return progress.open;
  }

  function postpone({ recipientIds, dueMs }: PostponeOperation): void {
    for (const [index, recipientId] of recipientIds.entries()) {
      const state = stateOf(recipientId);
      if (state !== fresh && state !== waiting) continue;
      updateState.run(waiting, dueMs[index] ?? 0, recipientId);
      move(state, waiting);
    }
  }

  function steer({ recipientId, order, nowMs, report }: SteerOperation): number {
    const state = stateOf(recipientId);
    if (state === undefined) return progress.unchanged;
    if (state === failed) return order === 'delete' ? deleteFailed(recipientId) : progress.unchanged;
    const become = (next: number) => {
      updateState.run(next, nowMs, recipientId);
      move(state, next);
      return progress.open;
    };
    switch (order) {
      case 'retry':
        return state === waiting ? become(waiting) : progress.unchanged;
      case 'hold':
        return state === held ? progress.unchanged : become(held);
      case 'release':
        return state === held ? become(waiting) : progress.unchanged;
      case 'delete':
        return settle(recipientId);
      case 'fail':
        updateFailed.run(failed, bytesOf(report), recipientId);
        move(state, failed);
        return close(messageIdOf(recipientId), true);
    }
  }

  function reserve(count: number): number {
    const row = selectNumbering.get();
    if (row === undefined) throw new Error(`${path} has lost its next message number: see qmail-qcheck`);
    const firstId = Number(row['next_id']);
    if (firstId + count > messageIdMax) return 0;
    updateNumbering.run(firstId + count);
    return firstId;
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
          return accept(operation);
        case 'drop':
          drop(operation.messageId);
          return 0;
        case 'settle':
          return settle(operation.recipientId);
        case 'fail':
          return fail(operation);
        case 'postpone':
          postpone(operation);
          return 0;
        case 'defer':
          defer(operation);
          return 0;
        case 'steer':
          return steer(operation);
        case 'hasten':
          return Number(hasten.run(operation.nowMs, operation.count).changes);
        case 'discard':
          discard(operation.messageId);
          return 0;
        case 'forget':
          return Number(forgetMemory.run(operation.nowMs, operation.count).changes);
        case 'reserve':
          return reserve(operation.count);
        case 'giveBack':
          lowerNumbering.run(operation.firstId);
          return 0;
      }
    },
    sweep() {
      const left = selectIncoming.all();
      for (const row of left) drop(Number(row['id']));
      return left.length;
    },
  };
}
