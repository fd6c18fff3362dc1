/**
 * Fills a queue by way of the store's own writer: the same operations as those of a hub, many to a transaction. A hub
 * that has accepted the messages, and has tried those that wait once, leaves the same rows.
 */
import { createFingerprint } from '../../src/queue/fingerprint.ts';
import { storePath } from '../../src/queue/index.ts';
import { keysPerMessage } from '../../src/queue/schema.ts';
import { openWriter, type Writer } from '../../src/queue/writer.ts';
import { bytesOf } from '../../src/system/index.ts';

export interface Filling {
  readonly messages: number;
  readonly sizeBytes: number;
  readonly recipient: (message: number) => string;
  /** The first one's age; the others follow evenly until now. */
  readonly oldestMs: number;
  /** When a message is tried again, which has then been tried once; never tried without. */
  readonly dueMs?: (message: number) => number;
  readonly nowMs: number;
}

const messagesPerTransaction = 2000;

/** Transactions after which the log is moved into the store. */
const transactionsPerCheckpoint = 5;

const memoryMs = 7 * 86_400_000;

function addMessage(writer: Writer, id: number, number: number, filling: Filling): void {
  const { messages, sizeBytes, nowMs, oldestMs } = filling;
  const birthMs = Math.floor(nowMs - oldestMs * (1 - number / messages));
  const sender = `job${number % 100}@box${number % 1000}.example`;
  const recipients = [filling.recipient(number)];
  const headerMessageId = `<${birthMs}.${id}@box${number % 1000}.example>`;
  const text = `Message-ID: ${headerMessageId}\n\n`;
  const bytes = bytesOf(`${text.padEnd(sizeBytes - 1, `${number}: all is well on this machine. `)}\n`);
  const fingerprint = createFingerprint();
  fingerprint.update(bytes);
  const key = fingerprint.key({ sender, recipients }, headerMessageId);
  writer.apply({
    kind: 'accept',
    messageId: id,
    birthMs,
    caller: 'network',
    host: `192.0.2.${number % 250}`,
    sender,
    recipients,
    sizeBytes: bytes.length,
    headerMessageId,
    rank: number,
    index: 0,
    bytes,
    memory: { key, expiresMs: birthMs + memoryMs },
    replaces: undefined,
  });
  if (filling.dueMs === undefined) return;
  writer.apply({
    kind: 'defer',
    recipientId: id * keysPerMessage,
    attempts: 1,
    triedMs: birthMs,
    dueMs: filling.dueMs(number),
    report: 'unable to connect to mail.elsewhere.example (#4.4.1)\n',
  });
}

/** Adds messages to the queue in this directory. No hub runs there. */
export function fillStore(directory: string, filling: Filling): void {
  const writer = openWriter(storePath(directory));
  try {
    writer.begin();
    const firstId = writer.apply({ kind: 'reserve', count: filling.messages });
    writer.commit();
    let transactions = 0;
    for (let number = 0; number < filling.messages; ) {
      writer.begin();
      const end = Math.min(number + messagesPerTransaction, filling.messages);
      for (; number < end; number += 1) addMessage(writer, firstId + number, number, filling);
      writer.commit();
      transactions += 1;
      if (transactions % transactionsPerCheckpoint === 0) writer.checkpoint();
    }
  } finally {
    writer.close();
  }
}
