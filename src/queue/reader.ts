/** The store's reading half, on a connection of its own: readers and the writer do not wait for one another. */
import { DatabaseSync } from 'node:sqlite';
import type { MessageBody } from '../mail/index.ts';
import { type ByteString, textOf } from '../system/index.ts';
import { releaseBuffer } from '../system/node/index.ts';
import { configureConnection, keysPerMessage } from './schema.ts';

export interface QueuedMessage {
  readonly id: number;
  readonly birthMs: number;
  /** Who called qmail-queue: 'network', 'bounce', 'alias' or a uid. */
  readonly caller: string;
  readonly host: string;
  readonly sender: ByteString;
  readonly sizeBytes: number;
}

export interface QueuedRecipient {
  readonly id: number;
  readonly messageId: number;
  readonly address: ByteString;
  readonly attempts: number;
  readonly dueMs: number;
  /** What the last attempt reported, '' before the first. */
  readonly report: ByteString;
}

export interface QueueCounts {
  readonly messages: number;
  readonly recipients: number;
  /** Messages that are still being received. */
  readonly incoming: number;
}

export interface Reader {
  /** Recipients that are due, the longest first. */
  due(nowMs: number, limit: number): readonly QueuedRecipient[];
  /** When the first recipient after `afterMs` is due. */
  nextDueMs(afterMs: number): number | undefined;
  message(id: number): QueuedMessage | undefined;
  recipients(messageId: number): Iterable<QueuedRecipient>;
  body(message: QueuedMessage): MessageBody;
  /** All messages in the order of their numbers, one at a time. */
  messages(): Iterable<QueuedMessage>;
  counts(): QueueCounts;
  close(): void;
}

/** A row as node:sqlite gives it. */
type Row = Readonly<Record<string, unknown>>;

function bytesIn(value: unknown): ByteString {
  return value instanceof Uint8Array ? textOf(value) : '';
}

function messageOf(row: Row): QueuedMessage {
  return {
    id: Number(row['id']),
    birthMs: Number(row['birth_ms']),
    caller: String(row['caller']),
    host: String(row['host']),
    sender: bytesIn(row['sender']),
    sizeBytes: Number(row['size_bytes']),
  };
}

function recipientOf(row: Row): QueuedRecipient {
  const id = Number(row['id']);
  return {
    id,
    messageId: Math.floor(id / keysPerMessage),
    address: bytesIn(row['address']),
    attempts: Number(row['attempts']),
    dueMs: Number(row['due_ms']),
    report: bytesIn(row['report']),
  };
}

export function openReader(path: string): Reader {
  const database = new DatabaseSync(path, { readOnly: true });
  configureConnection(database);
  const selectDue = database.prepare('SELECT * FROM recipient WHERE due_ms <= ? ORDER BY due_ms, id LIMIT ?');
  const selectNext = database.prepare('SELECT min(due_ms) AS due_ms FROM recipient WHERE due_ms > ?');
  const selectMessage = database.prepare('SELECT * FROM message WHERE id = ?');
  const selectMessages = database.prepare('SELECT * FROM message WHERE id > ? ORDER BY id LIMIT 1');
  const selectRecipients = database.prepare(
    'SELECT * FROM recipient WHERE id > ? AND id < ? ORDER BY id LIMIT 1',
  );
  const selectChunk = database.prepare('SELECT bytes FROM chunk WHERE id = ?');
  const selectCounts = database.prepare(
    `SELECT (SELECT count(*) FROM message) AS messages, (SELECT count(*) FROM recipient) AS recipients,
            (SELECT count(*) FROM incoming) AS incoming`,
  );

  function* chunks(message: QueuedMessage): Iterable<Uint8Array> {
    let sizeBytes = 0;
    for (let index = 0; sizeBytes < message.sizeBytes; index += 1) {
      const bytes = selectChunk.get(message.id * keysPerMessage + index)?.['bytes'];
      if (!(bytes instanceof Uint8Array)) {
        throw new Error(
          `${path}: message ${message.id} ends after ${sizeBytes} of ${message.sizeBytes} bytes`,
        );
      }
      sizeBytes += bytes.length;
      yield bytes;
      // Whoever asks for the next piece has done with this one.
      releaseBuffer(bytes);
    }
  }

  return {
    due: (nowMs, limit) => selectDue.all(nowMs, limit).map(recipientOf),
    nextDueMs(afterMs) {
      const dueMs = selectNext.get(afterMs)?.['due_ms'];
      return dueMs === null || dueMs === undefined ? undefined : Number(dueMs);
    },
    message(id) {
      const row = selectMessage.get(id);
      return row === undefined ? undefined : messageOf(row);
    },
    *recipients(messageId) {
      const end = (messageId + 1) * keysPerMessage;
      let key = messageId * keysPerMessage - 1;
      for (;;) {
        const row = selectRecipients.get(key, end);
        if (row === undefined) return;
        const recipient = recipientOf(row);
        yield recipient;
        key = recipient.id;
      }
    },
    body: (message) => ({ sizeBytes: message.sizeBytes, chunks: () => chunks(message) }),
    *messages() {
      let id = 0;
      for (;;) {
        const row = selectMessages.get(id);
        if (row === undefined) return;
        const message = messageOf(row);
        yield message;
        id = message.id;
      }
    },
    counts() {
      const row = selectCounts.get();
      return {
        messages: Number(row?.['messages']),
        recipients: Number(row?.['recipients']),
        incoming: Number(row?.['incoming']),
      };
    },
    close: () => database.close(),
  };
}
