/**
 * Goes through the whole store once, message by message in the order of their numbers, and says what does not fit
 * together. It holds one row of each table at a time.
 */
import type { DatabaseSync } from 'node:sqlite';
import { printable, textOf } from '../system/index.ts';
import type { Finding, StateCounts } from './finding.ts';
import { keysPerMessage, messageIdMax, stateNames } from './schema.ts';

/** What was there. Recipients without a message are not counted. */
export interface Walked {
  readonly messages: number;
  readonly states: StateCounts;
  readonly incoming: number;
  /** The highest message number that is in use. */
  readonly lastId: number;
}

type Row = Readonly<Record<string, unknown>>;

/** Rows of one table in the order of their keys; the next one can be looked at before it is taken. */
interface Cursor {
  /** The message that the next row belongs to, or infinity. */
  readonly owner: number;
  /** Takes the next row if it belongs to that message. */
  take(owner: number): Row | undefined;
}

function openCursor(database: DatabaseSync, sql: string, keysPerOwner: number): Cursor {
  const rows: Iterator<Row> = database.prepare(sql).iterate();
  const ownerOf = ({ done, value }: IteratorResult<Row>) =>
    done ? Number.POSITIVE_INFINITY : Math.floor(Number(value['id']) / keysPerOwner);
  let next = rows.next();
  let owner = ownerOf(next);
  return {
    get owner() {
      return owner;
    },
    take(wanted) {
      if (owner !== wanted) return undefined;
      const row: Row = next.value;
      next = rows.next();
      owner = ownerOf(next);
      return row;
    },
  };
}

function addressOf(row: Row): string {
  const { address } = row;
  return `<${address instanceof Uint8Array ? printable(textOf(address)) : ''}>`;
}

interface Recipients {
  readonly open: number;
  readonly failed: number;
}

interface Chunks {
  readonly count: number;
  readonly sizeBytes: number;
  /** The place of the first chunk that is missing before another, if any. */
  readonly gap: number | undefined;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** What is wrong with a message that is in the queue. */
function* judgeMessage(id: number, message: Row, found: Recipients, chunks: Chunks): Iterable<Finding> {
  if (id < 1 || id > messageIdMax) yield { text: `message ${id} has a number out of range` };
  const sizeBytes = Number(message['size_bytes']);
  if (chunks.gap !== undefined || chunks.sizeBytes !== sizeBytes) {
    const gap = chunks.gap === undefined ? '' : `, and chunk ${chunks.gap} is missing`;
    yield {
      text: `message ${id} has ${sizeBytes} bytes, of which ${chunks.sizeBytes} are there${gap}: it cannot be delivered`,
    };
  }
  const open = Number(message['open']);
  const failed = Number(message['failed']);
  if (open === found.open && failed === found.failed && open + failed > 0) return;
  if (found.open + found.failed > 0) {
    yield {
      text: `message ${id} says ${open} open and ${failed} failed recipients, and has ${found.open} and ${found.failed}`,
      repair: { kind: 'recount', messageId: id, open: found.open, failed: found.failed },
    };
  } else if (open + failed === 0) {
    yield {
      text: `message ${id} has nobody left to go to and is still there`,
      repair: { kind: 'deleteMessage', messageId: id },
    };
  } else {
    yield {
      text: `message ${id} says ${open} open and ${failed} failed recipients, and has none: whom it was for is lost`,
    };
  }
}

/** What belongs to a number that no message has. */
function* judgeOrphans(
  id: number,
  isIncoming: boolean,
  recipients: number,
  chunks: Chunks,
): Iterable<Finding> {
  if (recipients > 0) {
    yield {
      text: `${plural(recipients, 'recipient')} of message ${id}, which does not exist`,
      repair: { kind: 'deleteRecipients', messageId: id },
    };
  }
  if (chunks.count > 0 && !isIncoming) {
    yield {
      text: `${plural(chunks.sizeBytes, 'byte')} of message ${id}, which does not exist`,
      repair: { kind: 'deleteChunks', messageId: id },
    };
  }
}

/** The caller has begun a transaction, so that all tables are of the same moment. */
export function* walkStore(database: DatabaseSync): Generator<Finding, Walked> {
  const messages = openCursor(database, 'SELECT id, size_bytes, open, failed FROM message ORDER BY id', 1);
  const incoming = openCursor(database, 'SELECT id FROM incoming ORDER BY id', 1);
  const recipients = openCursor(
    database,
    'SELECT id, address, state FROM recipient ORDER BY id',
    keysPerMessage,
  );
  const chunks = openCursor(
    database,
    'SELECT id, length(bytes) AS size_bytes FROM chunk ORDER BY id',
    keysPerMessage,
  );
  const states = { fresh: 0, waiting: 0, held: 0, failed: 0 };
  let messageCount = 0;
  let incomingCount = 0;
  let lastId = 0;

  function takeChunks(id: number): Chunks {
    let count = 0;
    let sizeBytes = 0;
    let gap: number | undefined;
    for (let row = chunks.take(id); row !== undefined; row = chunks.take(id)) {
      if (Number(row['id']) !== id * keysPerMessage + count) gap ??= count;
      count += 1;
      sizeBytes += Number(row['size_bytes']);
    }
    return { count, sizeBytes, gap };
  }

  function* takeRecipients(id: number): Generator<Finding, Recipients> {
    let open = 0;
    let failed = 0;
    for (let row = recipients.take(id); row !== undefined; row = recipients.take(id)) {
      const name = stateNames.get(Number(row['state']));
      if (name === undefined) {
        yield {
          text: `recipient ${addressOf(row)} of message ${id} has the unknown state ${String(row['state'])}`,
          repair: { kind: 'retryRecipient', recipientId: Number(row['id']) },
        };
      }
      states[name ?? 'waiting'] += 1;
      if (name === 'failed') failed += 1;
      else open += 1;
    }
    return { open, failed };
  }

  for (;;) {
    const id = Math.min(messages.owner, incoming.owner, recipients.owner, chunks.owner);
    if (id === Number.POSITIVE_INFINITY) break;
    const message = messages.take(id);
    const isIncoming = incoming.take(id) !== undefined;
    const itsChunks = takeChunks(id);
    if (message !== undefined || isIncoming) lastId = Math.max(lastId, id);
    if (message === undefined) {
      let orphans = 0;
      while (recipients.take(id) !== undefined) orphans += 1;
      if (isIncoming) incomingCount += 1;
      yield* judgeOrphans(id, isIncoming, orphans, itsChunks);
      continue;
    }
    if (isIncoming) {
      yield {
        text: `message ${id} is complete and marked as incomplete: the next start would delete its bytes`,
        repair: { kind: 'deleteIncoming', messageId: id },
      };
    }
    messageCount += 1;
    const found = yield* takeRecipients(id);
    for (const finding of judgeMessage(id, message, found, itsChunks)) {
      if (finding.repair?.kind === 'deleteMessage') messageCount -= 1;
      yield finding;
    }
  }
  return { messages: messageCount, states, incoming: incomingCount, lastId };
}
