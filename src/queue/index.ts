/** The queue: the way in, the store, and what is due. */
export { addressBytesMax, recipientsMax } from './incoming.ts';
export type { IncomingMessage, Intake, Origin } from './intake.ts';
export {
  openReader,
  type QueueCounts,
  type QueuedMessage,
  type QueuedRecipient,
  type Reader,
} from './reader.ts';
export { keysPerMessage } from './schema.ts';
export { type Deferral, openStore, type Store, type StoreEvents, storePath } from './store.ts';
