/** The queue: the way in, the store, and what is due. */
export { addressBytesMax, recipientsMax } from './incoming.ts';
export type { IncomingMessage, Intake, Origin } from './intake.ts';
export {
  openReader,
  type QueueCounts,
  type QueuedMessage,
  type QueuedRecipient,
  type Reader,
  type RecipientState,
} from './reader.ts';
export { keysPerMessage } from './schema.ts';
export {
  type AttemptRecord,
  type Deferral,
  type Order,
  openStore,
  type Progress,
  type Store,
  type StoreOptions,
  storePath,
} from './store.ts';
