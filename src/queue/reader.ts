/** The store's reading half, on a connection of its own: readers and the writer do not wait for one another. */
import { DatabaseSync } from 'node:sqlite';
import type { MessageBody } from '../mail/index.ts';
import { type ByteString, textOf } from '../system/index.ts';
import { releaseBuffer } from '../system/node/index.ts';
import {
  configureConnection,
  keysPerMessage,
  messageIdOf,
  type RecipientState,
  recipientState,
  schemaVersion,
  stateNames,
  storedVersion,
} from './schema.ts';
import { namingStore } from './store-problem.ts';

export interface QueuedMessage {
  readonly id: number;
  readonly birthMs: number;
  /** Who called qmail-queue: 'network', 'bounce', 'alias' or a uid. */
  readonly caller: string;
  readonly host: string;
  readonly sender: ByteString;
  readonly sizeBytes: number;
  /** The content of its Message-ID field, '' when it has none. */
  readonly headerMessageId: ByteString;
}

/** A message as the store has it now. */
export interface ListedMessage extends QueuedMessage {
  /** Recipients that are fresh, waiting or held. */
  readonly open: number;
  /** Recipients that have failed: the bounce is due when none is open any more. */
  readonly failed: number;
}

export interface QueuedRecipient {
  readonly id: number;
  readonly messageId: number;
  readonly address: ByteString;
  readonly state: RecipientState;
  /** Its place in the order of first attempts. */
  readonly rank: number;
  readonly attempts: number;
  /** When it was last tried, 0 for never. */
  readonly triedMs: number;
  readonly dueMs: number;
  /** What the last attempt reported, '' before the first. */
  readonly report: ByteString;
}

export interface QueueCounts {
  readonly messages: number;
  readonly fresh: number;
  readonly waiting: number;
  readonly held: number;
  readonly failed: number;
  /** Messages that are still being received. */
  readonly incoming: number;
  /** When the oldest message was accepted. */
  readonly oldestMs: number | undefined;
}

/** A place in an order of recipients: by rank or by time, and those of one rank or time by their keys. */
export interface Place {
  readonly order: number;
  readonly id: number;
}

export interface Reader {
  /** Recipients that wait for their first attempt, after a place in the order of ranks. */
  fresh(after: Place, limit: number): readonly QueuedRecipient[];
  /** Recipients whose time has come, after a place in the order of times, the longest due first. */
  due(after: Place, nowMs: number, limit: number): readonly QueuedRecipient[];
  /** When the first waiting recipient after `afterMs` is due. */
  nextDueMs(afterMs: number): number | undefined;
  /** Messages from a number on whose recipients are all done or failed: their bounce is due. */
  bouncesDue(fromId: number, limit: number): readonly QueuedMessage[];
  message(id: number): ListedMessage | undefined;
  recipients(messageId: number): Iterable<QueuedRecipient>;
  body(message: QueuedMessage): MessageBody;
  /** All messages in the order of their numbers, one at a time. */
  messages(): Iterable<ListedMessage>;
  counts(): QueueCounts;
  close(): void;
}

/** A row as node:sqlite gives it. */
type Row = Readonly<Record<string, unknown>>;

/** How many rows of a listing are read at a time. */
const pageRows = 200;

function bytesIn(value: unknown): ByteString {
  return value instanceof Uint8Array ? textOf(value) : '';
}

function messageOf(row: Row): ListedMessage {
  return {
    id: Number(row['id']),
    birthMs: Number(row['birth_ms']),
    caller: String(row['caller']),
    host: String(row['host']),
    sender: bytesIn(row['sender']),
    sizeBytes: Number(row['size_bytes']),
    headerMessageId: bytesIn(row['message_id']),
    open: Number(row['open']),
    failed: Number(row['failed']),
  };
}

function recipientOf(row: Row): QueuedRecipient {
  const id = Number(row['id']);
  const state = stateNames.get(Number(row['state']));
  if (state === undefined) throw new Error(`recipient ${id} has the unknown state ${String(row['state'])}`);
  return {
    id,
    messageId: messageIdOf(id),
    address: bytesIn(row['address']),
    state,
    rank: Number(row['rank']),
    attempts: Number(row['attempts']),
    triedMs: Number(row['tried_ms']),
    dueMs: Number(row['due_ms']),
    report: bytesIn(row['report']),
  };
}

function optionalNumber(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}

/** Opens a store for reading only. Throws when there is none, or when its version is another. */
export function openReader(path: string): Reader {
  return namingStore(path, () => openReaderOf(path));
}

function openReaderOf(path: string): Reader {
  const database = new DatabaseSync(path, { readOnly: true });
  configureConnection(database);
  const version = storedVersion(database);
  if (version !== schemaVersion) {
    database.close();
    throw new Error(`${path} has version ${version}, and this program reads version ${schemaVersion}`);
  }
  const { fresh, waiting } = recipientState;
  const selectFresh = database.prepare(
    `SELECT * FROM recipient WHERE state = ${fresh} AND rank > ? ORDER BY rank, id LIMIT ?`,
  );
  const selectFreshOfRank = database.prepare(
    `SELECT * FROM recipient WHERE state = ${fresh} AND rank = ? AND id > ? ORDER BY id LIMIT ?`,
  );
  const selectDue = database.prepare(
    `SELECT * FROM recipient WHERE state = ${waiting} AND due_ms > ? AND due_ms <= ? ORDER BY due_ms, id LIMIT ?`,
  );
  const selectDueAt = database.prepare(
    `SELECT * FROM recipient WHERE state = ${waiting} AND due_ms = ? AND id > ? ORDER BY id LIMIT ?`,
  );
  const selectNext = database.prepare(
    `SELECT min(due_ms) AS due_ms FROM recipient WHERE state = ${waiting} AND due_ms > ?`,
  );
  const selectBounces = database.prepare(
    'SELECT * FROM message WHERE open = 0 AND id >= ? ORDER BY id LIMIT ?',
  );
  const selectMessage = database.prepare('SELECT * FROM message WHERE id = ?');
  const selectMessages = database.prepare('SELECT * FROM message WHERE id > ? ORDER BY id LIMIT ?');
  const selectRecipients = database.prepare(
    'SELECT * FROM recipient WHERE id > ? AND id < ? ORDER BY id LIMIT ?',
  );
  const selectChunk = database.prepare('SELECT bytes FROM chunk WHERE id = ?');
  const selectCounts = database.prepare('SELECT *, (SELECT count(*) FROM incoming) AS incoming FROM tally');
  const selectOldest = database.prepare('SELECT birth_ms FROM message ORDER BY id LIMIT 1');

  function read<Result>(work: () => Result): Result {
    return namingStore(path, work);
  }

  function* chunks(message: QueuedMessage): Iterable<Uint8Array> {
    let sizeBytes = 0;
    for (let index = 0; sizeBytes < message.sizeBytes; index += 1) {
      const key = message.id * keysPerMessage + index;
      const bytes = read(() => selectChunk.get(key))?.['bytes'];
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

  /** Rows in the order of their keys, a page at a time: nothing stays open between the pages. */
  function* pages(page: (afterKey: number) => readonly Row[], fromKey: number): Iterable<Row> {
    let key = fromKey;
    for (;;) {
      const rows = read(() => page(key));
      yield* rows;
      const last = rows.at(-1);
      // A page that is not full was the last one: most messages have few recipients.
      if (last === undefined || rows.length < pageRows) return;
      key = Number(last['id']);
    }
  }

  return {
    // A rank or a time may be shared by any number of recipients: the index then goes on by their keys.
    fresh: ({ order, id }, limit) =>
      read(() => {
        const same = selectFreshOfRank.all(order, id, limit);
        const later = same.length < limit ? selectFresh.all(order, limit - same.length) : [];
        return [...same, ...later].map(recipientOf);
      }),
    due: ({ order, id }, nowMs, limit) =>
      read(() => {
        const same = order <= nowMs ? selectDueAt.all(order, id, limit) : [];
        const later = same.length < limit ? selectDue.all(order, nowMs, limit - same.length) : [];
        return [...same, ...later].map(recipientOf);
      }),
    nextDueMs: (afterMs) => read(() => optionalNumber(selectNext.get(afterMs)?.['due_ms'])),
    bouncesDue: (fromId, limit) => read(() => selectBounces.all(fromId, limit).map(messageOf)),
    message(id) {
      const row = read(() => selectMessage.get(id));
      return row === undefined ? undefined : messageOf(row);
    },
    *recipients(messageId) {
      const end = (messageId + 1) * keysPerMessage;
      const rows = pages((key) => selectRecipients.all(key, end, pageRows), messageId * keysPerMessage - 1);
      for (const row of rows) yield read(() => recipientOf(row));
    },
    body: (message) => ({ sizeBytes: message.sizeBytes, chunks: () => chunks(message) }),
    *messages() {
      for (const row of pages((key) => selectMessages.all(key, pageRows), 0)) yield messageOf(row);
    },
    counts() {
      const [row, oldest] = read(() => [selectCounts.get() ?? {}, selectOldest.get()]);
      return {
        messages: Number(row['messages']),
        fresh: Number(row['fresh']),
        waiting: Number(row['waiting']),
        held: Number(row['held']),
        failed: Number(row['failed']),
        incoming: Number(row['incoming']),
        oldestMs: optionalNumber(oldest?.['birth_ms']),
      };
    },
    close: () => database.close(),
  };
}
