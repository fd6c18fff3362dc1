/**
 * The store's thread. Everything that arrived while one transaction was on its way to the disk is the next
 * transaction: one sync for all of it, however many wait. Nothing is answered before its commit.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { errorText } from '../system/index.ts';
import { releaseBuffer } from '../system/node/index.ts';
import {
  type Batch,
  type BatchResult,
  type FromStoreWorker,
  mailBytes,
  type StoreReady,
  type StoreWorkerData,
  type ToStoreWorker,
} from './operation.ts';
import { openWriter, type Writer } from './writer.ts';

/** Numbers that a start reserves; the main thread asks for more in time. */
const idBlock = 100_000;

/** When nothing has happened for so long, free pages are given back to the file system, so many in one step. */
const compactIdleMs = 2000;
const compactPages = 1000;

/** The log is moved into the store when it has grown by about this many pages. */
const checkpointPages = 4000;

/** Chunks of large messages make a transaction of their own when they exceed this. */
const transactionBytesMax = 16 * 1024 * 1024;

const { path } = workerData as StoreWorkerData;

const port = parentPort;
if (port === null) throw new Error('the store runs in a worker thread only');

function say(message: FromStoreWorker): void {
  port?.postMessage(message);
}

function open(writer: Writer): StoreReady {
  writer.begin();
  const sweptMessages = writer.sweep();
  const firstId = writer.apply({ kind: 'reserve', count: idBlock });
  writer.commit();
  return { firstId, idCount: idBlock, sweptMessages };
}

function batchBytes(batch: Batch): number {
  let sizeBytes = 0;
  for (const operation of batch.operations) sizeBytes += mailBytes(operation);
  return sizeBytes;
}

function requireRoom(writer: Writer, batches: readonly Batch[]): void {
  let sizeBytes = 0;
  for (const batch of batches) sizeBytes += batchBytes(batch);
  if (sizeBytes > 0 && !writer.hasRoom(sizeBytes)) throw new Error(`the disk of ${path} is full`);
}

/** One transaction for all batches. When it fails none of them happened. */
function transaction(writer: Writer, batches: readonly Batch[]): readonly BatchResult[] {
  try {
    requireRoom(writer, batches);
    writer.begin();
    const results = batches.map((batch): BatchResult => {
      const values = batch.operations.map((operation) => writer.apply(operation));
      return { number: batch.number, ok: true, values };
    });
    writer.commit();
    return results;
  } catch (error) {
    writer.rollback();
    return batches.map((batch) => ({ number: batch.number, ok: false, message: errorText(error) }));
  }
}

/**
 * All in one transaction; if that fails, each batch in its own once the log is out of the way, so that a large message
 * that finds the disk full does not take the small ones with it.
 */
function together(writer: Writer, batches: readonly Batch[]): readonly BatchResult[] {
  const results = transaction(writer, batches);
  if (results[0]?.ok !== false) return results;
  writer.checkpoint();
  return batches.flatMap((batch) => transaction(writer, [batch]));
}

/** The bytes are in the store, or were refused. */
function release(batches: readonly Batch[]): void {
  for (const { operations } of batches) {
    for (const operation of operations) if ('bytes' in operation) releaseBuffer(operation.bytes);
  }
}

function serve(writer: Writer): void {
  let pagesSinceCheckpoint = 0;
  let waiting: Batch[] = [];
  let closing = false;
  let idle: NodeJS.Timeout | undefined;

  function take(message: ToStoreWorker): void {
    if (message.kind === 'batches') waiting.push(...message.batches);
    else closing = true;
  }

  /** The batches of the next transaction: all that wait, up to a size. */
  function next(): readonly Batch[] {
    let sizeBytes = 0;
    let count = 0;
    for (const batch of waiting) {
      sizeBytes += batchBytes(batch);
      if (count > 0 && sizeBytes > transactionBytesMax) break;
      count += 1;
    }
    const batches = waiting.slice(0, count);
    waiting = waiting.slice(count);
    pagesSinceCheckpoint += 4 * count + sizeBytes / 8192;
    return batches;
  }

  /** One step of compaction, and the next one if nothing else came in between. */
  function compact(): void {
    const more = writer.compact(compactPages);
    writer.checkpoint();
    if (more) idle = setTimeout(compact, 0);
  }

  port?.on('message', (first: ToStoreWorker) => {
    take(first);
    for (let more = receiveMessageOnPort(port); more !== undefined; more = receiveMessageOnPort(port)) {
      take(more.message as ToStoreWorker);
    }
    while (waiting.length > 0) {
      const batches = next();
      const startMs = performance.now();
      const results = together(writer, batches);
      say({ kind: 'results', results, durationMs: performance.now() - startMs });
      release(batches);
    }
    if (pagesSinceCheckpoint >= checkpointPages) {
      writer.checkpoint();
      pagesSinceCheckpoint = 0;
    }
    clearTimeout(idle);
    if (!closing) {
      idle = setTimeout(compact, compactIdleMs);
    } else {
      writer.close();
      say({ kind: 'closed' });
      port?.close();
    }
  });
}

try {
  const writer = openWriter(path);
  say({ kind: 'ready', ready: open(writer) });
  serve(writer);
} catch (error) {
  say({ kind: 'refused', message: errorText(error) });
}
