/**
 * The main thread's end of the store's thread: operations go in, promises come out. What one turn of the event loop
 * brings is one batch; the thread joins batches that wait for the disk into one transaction.
 */
import { counter, histogram, startWorker } from '../process/index.ts';
import type { BatchResult, FromStoreWorker, Operation, StoreReady, ToStoreWorker } from './operation.ts';

/** Bytes on their way to the disk beyond which those who bring more are asked to wait. */
const pendingBytesMax = 4 * 1024 * 1024;

/** Arrays from this size on are handed over between the threads; copying smaller ones is cheaper. */
const transferBytesMin = 16 * 1024;

const commitSeconds = histogram(
  'mini_qmail_store_commit_seconds',
  'How long a transaction of the store took, with its sync.',
  [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5],
);
const committed = counter(
  'mini_qmail_store_operations_total',
  'Operations that were committed: divided by mini_qmail_store_commit_seconds_count, those that shared a sync.',
);
const failed = counter('mini_qmail_store_failures_total', 'Operations that the store could not do.');

/** The store could not do it; nothing of it has happened. */
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

/** The store's thread, as its main thread sees it. */
export interface StoreWorkerPort {
  post(message: ToStoreWorker, transfer: ArrayBuffer[]): void;
  /** `onEnd` is called once or twice when the thread has ended. */
  listen(onMessage: (message: FromStoreWorker) => void, onEnd: (error: Error) => void): void;
}

export type StartStoreWorker = (path: string) => StoreWorkerPort;

function startStoreWorker(path: string): StoreWorkerPort {
  const worker = startWorker('store-worker', () => new URL('./store-worker.ts', import.meta.url), { path });
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    listen(onMessage, onEnd) {
      worker.on('message', onMessage);
      worker.on('error', onEnd);
      worker.on('exit', () => onEnd(new Error('the thread of the store has ended')));
    },
  };
}

interface Waiting {
  readonly operation: Operation;
  readonly resolve: (value: number) => void;
  readonly reject: (error: Error) => void;
}

function bytesIn(operation: Operation): number {
  return 'bytes' in operation ? operation.bytes.length : 0;
}

/** `onLost`: the thread died, which nothing here can mend. */
export async function startStoreThread(
  path: string,
  onLost: (error: Error) => void,
  start: StartStoreWorker = startStoreWorker,
): Promise<StoreThread> {
  const worker = start(path);
  const inFlight = new Map<number, readonly Waiting[]>();
  let gathered: Waiting[] = [];
  let batchNumber = 0;
  let pendingBytes = 0;
  let wakeDrained: (() => void)[] = [];
  let closed: (() => void) | undefined;
  let lost: Error | undefined;
  let running = false;

  function flush(): void {
    const batch = gathered;
    gathered = [];
    batchNumber += 1;
    inFlight.set(batchNumber, batch);
    if (lost !== undefined) {
      refuseAll(lost);
      return;
    }
    const operations = batch.map(({ operation }) => operation);
    const message: ToStoreWorker = { kind: 'batches', batches: [{ number: batchNumber, operations }] };
    const transfer: ArrayBuffer[] = [];
    for (const operation of operations) {
      if (bytesIn(operation) >= transferBytesMin && 'bytes' in operation) {
        transfer.push(operation.bytes.buffer as ArrayBuffer);
      }
    }
    worker.post(message, transfer);
  }

  function finish({ number, outcomes }: BatchResult): void {
    const batch = inFlight.get(number) ?? [];
    inFlight.delete(number);
    batch.forEach((waiting, index) => {
      const outcome = outcomes[index] ?? 'the store has not answered';
      if (typeof outcome === 'number') {
        committed.add();
        waiting.resolve(outcome);
      } else {
        failed.add();
        waiting.reject(new StoreError(outcome));
      }
    });
  }

  function refuseAll({ message }: Error): void {
    for (const [number, batch] of inFlight) finish({ number, outcomes: batch.map(() => message) });
  }

  /** The thread has ended: whatever is brought from now on is refused. */
  function end(error: Error): void {
    const isLoss = running && closed === undefined && lost === undefined;
    lost ??= error;
    refuseAll(lost);
    closed?.();
    if (isLoss) onLost(error);
  }

  const ready = await new Promise<StoreReady>((resolve, reject) => {
    const onMessage = (message: FromStoreWorker) => {
      switch (message.kind) {
        case 'ready':
          running = true;
          resolve(message.ready);
          break;
        case 'refused':
          reject(new StoreError(message.message));
          break;
        case 'results':
          commitSeconds.observe(message.durationMs / 1000);
          for (const result of message.results) finish(result);
          break;
        case 'closed':
          closed?.();
          break;
      }
    };
    worker.listen(onMessage, (error) => {
      reject(error);
      end(error);
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
        else setImmediate(() => worker.post({ kind: 'close' }, []));
      });
    },
  };
}
