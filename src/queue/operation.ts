/** What the store's thread is asked to do. Operations that wait together are one transaction and one sync. */
import type { ByteString } from '../system/index.ts';

/** Bytes of a message before its envelope is known. */
export interface ChunkOperation {
  readonly kind: 'chunk';
  readonly messageId: number;
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** A submission to be remembered. */
export interface MemoryEntry {
  readonly key: Uint8Array;
  readonly expiresMs: number;
}

/** A message is complete: its last bytes and its envelope. Value: 0, or the message that the same bytes became before. */
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
  /** The content of its Message-ID field, '' when it has none. */
  readonly headerMessageId: ByteString;
  /** The place of the first recipient in the order of first attempts; the others share it or follow it (recipient-ranks.ts). */
  readonly rank: number;
  /** How many chunks went before. */
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly memory: MemoryEntry | undefined;
  /** The message whose bounce this is: it goes in the same transaction. */
  readonly replaces: number | undefined;
}

/** A message will not be completed: its chunks go. */
export interface DropOperation {
  readonly kind: 'drop';
  readonly messageId: number;
}

/** What became of a message with an operation on one of its recipients. `unchanged`: the order found nothing to do. */
export const progress = { open: 0, finished: 1, bounceDue: 2, unchanged: 3 } as const;

/** A recipient is done with. Value: one of `progress`. */
export interface SettleOperation {
  readonly kind: 'settle';
  readonly recipientId: number;
}

/** A recipient will never be delivered to: it waits for the message's bounce. Value: one of `progress`. */
export interface FailOperation {
  readonly kind: 'fail';
  readonly recipientId: number;
  readonly attempts: number;
  readonly triedMs: number;
  readonly report: ByteString;
}

/** A recipient is to be tried again. */
export interface DeferOperation {
  readonly kind: 'defer';
  readonly recipientId: number;
  readonly attempts: number;
  readonly triedMs: number;
  readonly dueMs: number;
  readonly report: ByteString;
}

/** Recipients that were not tried are to be looked at again, each at its time. */
export interface PostponeOperation {
  readonly kind: 'postpone';
  readonly recipientIds: readonly number[];
  readonly dueMs: readonly number[];
}

/** An operator's order for one recipient. Value: one of `progress`. */
export interface SteerOperation {
  readonly kind: 'steer';
  readonly recipientId: number;
  /**
   * `retry` makes one that waits due now; `hold` keeps it; `release` ends that; `fail` bounces; `delete` forgets it,
   * and if it has failed and the message's bounce is not due yet, forgets that it failed.
   */
  readonly order: 'retry' | 'hold' | 'release' | 'fail' | 'delete';
  readonly nowMs: number;
  readonly report: ByteString;
}

/** Recipients that wait and were last tried before `nowMs` are due now, at most `count` of them. Value: how many. */
export interface HastenOperation {
  readonly kind: 'hasten';
  readonly nowMs: number;
  readonly count: number;
}

/** A message whose recipients have all failed goes without a bounce. */
export interface DiscardOperation {
  readonly kind: 'discard';
  readonly messageId: number;
}

/** Submissions whose time is over are forgotten, at most `count` of them. Value: how many. */
export interface ForgetOperation {
  readonly kind: 'forget';
  readonly nowMs: number;
  readonly count: number;
}

/**
 * Message numbers are given out in blocks, so that no number is used twice and few commits are for numbers. Value: the
 * first, or 0 when so many are not left.
 */
export interface ReserveOperation {
  readonly kind: 'reserve';
  readonly count: number;
}

/** Reserved numbers from this one on were not used, and will not be before they are reserved again. */
export interface GiveBackOperation {
  readonly kind: 'giveBack';
  readonly firstId: number;
}

export type Operation =
  | ChunkOperation
  | AcceptOperation
  | DropOperation
  | SettleOperation
  | FailOperation
  | DeferOperation
  | PostponeOperation
  | SteerOperation
  | HastenOperation
  | DiscardOperation
  | ForgetOperation
  | ReserveOperation
  | GiveBackOperation;

/** Operations with the number under which the answer comes back. */
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
      let sizeBytes = 2 * rowBytes + operation.sender.length + operation.bytes.length;
      sizeBytes += operation.headerMessageId.length;
      for (const address of operation.recipients) sizeBytes += rowBytes + address.length;
      return sizeBytes;
    }
    case 'drop':
    case 'settle':
    case 'fail':
    case 'defer':
    case 'postpone':
    case 'steer':
    case 'hasten':
    case 'discard':
    case 'forget':
    case 'reserve':
    case 'giveBack':
      return 0;
  }
}

/** What became of an operation: its value, or why it has not happened. */
export type Outcome = number | string;

/** One outcome for each operation of a batch. */
export interface BatchResult {
  readonly number: number;
  readonly outcomes: readonly Outcome[];
}

/** What the store's thread is started with. */
export interface StoreWorkerData {
  readonly path: string;
}

/** What it says when it is ready. */
export interface StoreReady {
  /** Reserved numbers; none when they are used up. */
  readonly firstId: number;
  readonly idCount: number;
  readonly sweptMessages: number;
}

export type FromStoreWorker =
  | { readonly kind: 'ready'; readonly ready: StoreReady }
  /** The message names the store. */
  | { readonly kind: 'refused'; readonly message: string }
  | {
      readonly kind: 'results';
      readonly results: readonly BatchResult[];
      /** How long the transaction took, with its sync. */
      readonly durationMs: number;
    }
  | { readonly kind: 'closed' };

export type ToStoreWorker =
  | { readonly kind: 'batches'; readonly batches: readonly Batch[] }
  | { readonly kind: 'close' };
