/**
 * The main thread's end of the store's thread: operations go in, promises come out. What one turn of the event loop
 * brings is one batch; the thread joins batches that wait for the disk into one transaction.
 */
import type { Worker } from 'node:worker_threads';
import { startWorker } from '../process/index.ts';
import type {
  Batch,
  BatchResult,
  FromStoreWorker,
  Operation,
  StoreReady,
  ToStoreWorker,
} from './operation.ts';

/** Bytes on their way to the disk beyond which those who bring more are asked to wait. */
const pendingBytesMax = 4 * 1024 * 1024;

/** Arrays from this size on are handed over between the threads; copying smaller ones is cheaper. */
const transferBytesMin = 16 * 1024;

/** The store could not do it; nothing of the batch has happened. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

export interface StoreThread {
  readonly ready: StoreReady;
  /** Resolves with the operation's value when it is on stable storage. */
  apply(operation: Operation): Promise<number>;
  /** A promise to wait for before more bytes are brought, if there are many on their way. */
  drained(): Promise<void> | undefined;
  /** Finishes what waits and closes the store. */
  close(): Promise<void>;
}

interface Waiting {
  readonly operation: Operation;
  readonly resolve: (value: number) => void;
  readonly reject: (error: Error) => void;
}

function bytesIn(operation: Operation): number {
  return 'bytes' in operation ? operation.bytes.length : 0;
}

function isMail({ operation }: Waiting): boolean {
  return 'bytes' in operation;
}

/** `onLost`: the thread died, which nothing here can mend. */
export async function startStoreThread(path: string, onLost: (error: Error) => void): Promise<StoreThread> {
  const worker: Worker = startWorker('store-worker', () => new URL('./store-worker.ts', import.meta.url), {
    path,
  });
  const inFlight = new Map<number, readonly Waiting[]>();
  let gathered: Waiting[] = [];
  let batchNumber = 0;
  let pendingBytes = 0;
  let wakeDrained: (() => void)[] = [];
  let closed: (() => void) | undefined;
  let lost: Error | undefined;

  function batchOf(gathered: readonly Waiting[]): Batch {
    batchNumber += 1;
    inFlight.set(batchNumber, gathered);
    return { number: batchNumber, operations: gathered.map(({ operation }) => operation) };
  }

  function flush(): void {
    const mail = gathered.filter(isMail);
    const rest = mail.length === 0 ? gathered : gathered.filter((waiting) => !isMail(waiting));
    const operations = gathered.map(({ operation }) => operation);
    gathered = [];
    // What drops a message comes after its chunks.
    const batches = [mail, rest].filter(({ length }) => length > 0).map(batchOf);
    const message: ToStoreWorker = { kind: 'batches', batches };
    const transfer: ArrayBuffer[] = [];
    for (const operation of operations) {
      if (bytesIn(operation) >= transferBytesMin && 'bytes' in operation) {
        transfer.push(operation.bytes.buffer as ArrayBuffer);
      }
    }
    worker.postMessage(message, transfer);
  }

  function settle(result: BatchResult, batch: readonly Waiting[]): void {
    batch.forEach((waiting, index) => {
      if (result.ok) waiting.resolve(result.values[index] ?? 0);
      else waiting.reject(new StoreError(result.message));
    });
  }

  function finish(result: BatchResult): void {
    const batch = inFlight.get(result.number) ?? [];
    inFlight.delete(result.number);
    settle(result, batch);
  }

  function lose(error: Error): void {
    if (lost !== undefined) return;
    lost = error;
    for (const number of inFlight.keys()) finish({ number, ok: false, message: error.message });
    onLost(error);
  }

  const ready = await new Promise<StoreReady>((resolve, reject) => {
    worker.on('error', (error: Error) => {
      reject(error);
      lose(error);
    });
    worker.on('exit', () => {
      if (closed === undefined) lose(new Error('the thread of the store has ended'));
      closed?.();
    });
    worker.on('message', (message: FromStoreWorker) => {
      switch (message.kind) {
        case 'ready':
          resolve(message.ready);
          break;
        case 'refused':
          closed = () => undefined;
          reject(new StoreError(`${path}: ${message.message}`));
          break;
        case 'results':
          for (const result of message.results) finish(result);
          break;
        case 'closed':
          closed?.();
          break;
      }
    });
  });

  return {
    ready,
    apply(operation) {
      if (lost !== undefined) return Promise.reject(new StoreError(lost.message));
      const sizeBytes = bytesIn(operation);
      pendingBytes += sizeBytes;
      const done = () => {
        pendingBytes -= sizeBytes;
        if (pendingBytes >= pendingBytesMax) return;
        for (const wake of wakeDrained) wake();
        wakeDrained = [];
      };
      return new Promise<number>((resolve, reject) => {
        if (gathered.length === 0) setImmediate(flush);
        gathered.push({
          operation,
          resolve: (value) => {
            done();
            resolve(value);
          },
          reject: (error) => {
            done();
            reject(error);
          },
        });
      });
    },
    drained() {
      if (pendingBytes < pendingBytesMax) return undefined;
      return new Promise((resolve) => {
        wakeDrained.push(resolve);
      });
    },
    close() {
      return new Promise((resolve) => {
        closed = resolve;
        if (lost !== undefined) resolve();
        else setImmediate(() => worker.postMessage({ kind: 'close' } satisfies ToStoreWorker));
      });
    },
  };
}
