/** Operations of the store, with what a test does not care about filled in. */
import { keysPerMessage } from '../../src/queue/index.ts';
import type { AcceptOperation, Operation } from '../../src/queue/operation.ts';
import { openReader, type Reader } from '../../src/queue/reader.ts';
import { openWriter, type Writer } from '../../src/queue/writer.ts';
import { bytesOf } from '../../src/system/index.ts';
import { memoryDirectory } from './memory-directory.ts';

export function acceptOperation(messageId: number, fields: Partial<AcceptOperation> = {}): AcceptOperation {
  const bytes = fields.bytes ?? bytesOf('x');
  return {
    kind: 'accept',
    messageId,
    birthMs: 1000,
    caller: 'network',
    host: '',
    sender: 's@example.org',
    recipients: ['a@example.org'],
    sizeBytes: bytes.length,
    headerMessageId: '',
    rank: messageId,
    index: 0,
    bytes,
    memory: undefined,
    replaces: undefined,
    ...fields,
  };
}

/** The key of a message's recipient. */
export function recipientId(messageId: number, index = 0): number {
  return messageId * keysPerMessage + index;
}

export interface WriterAndReader {
  readonly writer: Writer;
  readonly reader: Reader;
  readonly path: string;
  /** Carries out operations in one transaction, and answers their values. */
  apply(...operations: readonly Operation[]): readonly number[];
  close(): void;
}

/** A writer and a reader of one store, without a thread. */
export function openBoth(path = `${memoryDirectory()}/store`): WriterAndReader {
  const writer = openWriter(path);
  const reader = openReader(path);
  return {
    writer,
    reader,
    path,
    apply(...operations) {
      writer.begin();
      try {
        const values = operations.map((operation) => writer.apply(operation));
        writer.commit();
        return values;
      } catch (error) {
        writer.rollback();
        throw error;
      }
    },
    close() {
      reader.close();
      writer.close();
    },
  };
}
