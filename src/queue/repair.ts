/** Carries out what a check of the store found to be safe. */
import type { DatabaseSync } from 'node:sqlite';
import type { Repair, StateCounts } from './finding.ts';
import { fingerprintBytesMax, fingerprintBytesMin } from './fingerprint.ts';
import { keysPerMessage, messageIdMax, recipientState } from './schema.ts';

/** SQL for rows of the memory that this program never writes. */
export const isStrangeMemory = `length(key) NOT BETWEEN ${fingerprintBytesMin} AND ${fingerprintBytesMax}
  OR message_id NOT BETWEEN 1 AND ${messageIdMax} OR expires_ms < 0`;

/** All repairs are one transaction. The caller holds the queue's lock. */
export interface Repairer {
  repair(what: Repair): void;
  /** Makes them durable. */
  commit(): void;
  /** Undoes them. */
  rollback(): void;
}

function range(messageId: number): readonly [number, number] {
  return [messageId * keysPerMessage, (messageId + 1) * keysPerMessage];
}

export function createRepairer(database: DatabaseSync, nowMs: number): Repairer {
  let begun = false;
  const run = (sql: string, ...values: readonly number[]) => database.prepare(sql).run(...values);

  function setTally(messages: number, { fresh, waiting, held, failed }: StateCounts): void {
    run('DELETE FROM tally');
    run(
      'INSERT INTO tally (messages, fresh, waiting, held, failed) VALUES (?, ?, ?, ?, ?)',
      messages,
      fresh,
      waiting,
      held,
      failed,
    );
  }

  function apply(what: Repair): void {
    switch (what.kind) {
      case 'reindex':
        database.exec('REINDEX');
        break;
      case 'createIndex':
        database.exec(what.sql);
        break;
      case 'recount':
        run('UPDATE message SET open = ?, failed = ? WHERE id = ?', what.open, what.failed, what.messageId);
        break;
      case 'deleteMessage':
        run('DELETE FROM message WHERE id = ?', what.messageId);
        run('DELETE FROM chunk WHERE id >= ? AND id < ?', ...range(what.messageId));
        break;
      case 'deleteRecipients':
        run('DELETE FROM recipient WHERE id >= ? AND id < ?', ...range(what.messageId));
        break;
      case 'deleteChunks':
        run('DELETE FROM chunk WHERE id >= ? AND id < ?', ...range(what.messageId));
        break;
      case 'deleteIncoming':
        run('DELETE FROM incoming WHERE id = ?', what.messageId);
        break;
      case 'retryRecipient':
        run(
          'UPDATE recipient SET state = ?, due_ms = ? WHERE id = ?',
          recipientState.waiting,
          nowMs,
          what.recipientId,
        );
        break;
      case 'setTally':
        setTally(what.messages, what.states);
        break;
      case 'setNextId':
        run('DELETE FROM numbering');
        run('INSERT INTO numbering (next_id) VALUES (?)', what.nextId);
        break;
      case 'forgetStrangeMemory':
        run(`DELETE FROM memory WHERE ${isStrangeMemory}`);
    }
  }

  return {
    repair(what) {
      if (!begun) database.exec('BEGIN IMMEDIATE');
      begun = true;
      apply(what);
    },
    commit() {
      if (begun) database.exec('COMMIT');
      begun = false;
    },
    rollback() {
      if (database.isTransaction) database.exec('ROLLBACK');
      begun = false;
    },
  };
}
