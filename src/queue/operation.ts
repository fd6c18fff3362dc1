/** What the store's thread is asked to do. Operations that wait together are one transaction and one sync. */
import type { ByteString } from '../system/index.ts';

/** Bytes of a message before its envelope is known. */
export interface ChunkOperation {
  readonly kind: 'chunk';
  readonly messageId: number;
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** A message is complete: its last bytes and its envelope. */
export interface AcceptOperation {
  readonly kind: 'accept';
  readonly messageId: number;
  readonly birthMs: number;
  readonly caller: string;
  readonly host: string;
  /** Addresses cross as strings, which cost less to copy between threads than arrays of their own. */
  readonly sender: ByteString;
  readonly recipients: readonly ByteString[];
  readonly sizeBytes: number;
  /** How many chunks went before. */
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** A message will not be completed: its chunks go. */
export interface DropOperation {
  readonly kind: 'drop';
  readonly messageId: number;
}

/** A recipient is done with; with its last recipient the message goes. */
export interface SettleOperation {
  readonly kind: 'settle';
  readonly recipientId: number;
}

/** A recipient is to be tried again. */
export interface DeferOperation {
  readonly kind: 'defer';
  readonly recipientId: number;
  readonly attempts: number;
  readonly dueMs: number;
  readonly report: ByteString;
}

/** Message numbers are given out in blocks, so that no number is used twice and few commits are for numbers. */
export interface ReserveOperation {
  readonly kind: 'reserve';
  readonly count: number;
}

export type Operation =
  | ChunkOperation
  | AcceptOperation
  | DropOperation
  | SettleOperation
  | DeferOperation
  | ReserveOperation;

/**
 * Operations with the number under which the answer comes back. They are new mail, or none of them is: a full disk
 * refuses mail and still takes the records that make room.
 */
export interface Batch {
  readonly number: number;
  readonly operations: readonly Operation[];
}

/** What a recipient's row, its entry in the index and a message's row have besides their texts. */
const rowBytes = 64;

/** How much room new mail takes in the store, about; 0 for what is no new mail. */
export function mailBytes(operation: Operation): number {
  switch (operation.kind) {
    case 'chunk':
      return operation.bytes.length;
    case 'accept': {
      let sizeBytes = rowBytes + operation.sender.length + operation.bytes.length;
      for (const address of operation.recipients) sizeBytes += rowBytes + address.length;
      return sizeBytes;
    }
    case 'drop':
    case 'settle':
    case 'defer':
    case 'reserve':
      return 0;
  }
}

/** A committed batch has one value per operation: the first reserved number, or whether a message is finished. */
export type BatchResult =
  | { readonly number: number; readonly ok: true; readonly values: readonly number[] }
  | { readonly number: number; readonly ok: false; readonly message: string };

/** What the store's thread is started with. */
export interface StoreWorkerData {
  readonly path: string;
}

/** What it says when it is ready. */
export interface StoreReady {
  readonly firstId: number;
  readonly idCount: number;
  readonly sweptMessages: number;
}

export type FromStoreWorker =
  | { readonly kind: 'ready'; readonly ready: StoreReady }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'results'; readonly results: readonly BatchResult[] }
  | { readonly kind: 'closed' };

export type ToStoreWorker =
  | { readonly kind: 'batches'; readonly batches: readonly Batch[] }
  | { readonly kind: 'close' };
