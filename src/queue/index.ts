/** The queue: the way in, the store, and what is due. */
export { backUpStore } from './backup.ts';
export { type CheckOptions, type CheckResult, checkStore } from './check.ts';
export { createMatcher, everything, type Filter, isEverything, type Matcher } from './filter.ts';
export type { Finding, Repair } from './finding.ts';
export { addressBytesMax, recipientsMax } from './incoming.ts';
export type { IncomingMessage, Intake, Origin } from './intake.ts';
export { lockStore, QueueInUse } from './lock.ts';
export {
  type ListedMessage,
  openReader,
  type Place,
  type QueueCounts,
  type QueuedMessage,
  type QueuedRecipient,
  type Reader,
} from './reader.ts';
export { recipientsTogether } from './recipient-ranks.ts';
export { keysPerMessage, type RecipientState, recipientState } from './schema.ts';
export { type Shape, type ShapeKey, type ShapeRow, shapeMinutes, shapeNamesMax, shapeOf } from './shape.ts';
export {
  type Affected,
  carryOut,
  countMeant,
  fittingMessages,
  type Steer,
  type SteeringOptions,
  type SteeringOrder,
} from './steering.ts';
export {
  type AttemptRecord,
  type Deferral,
  type Order,
  openStore,
  type Postponement,
  type Progress,
  type Store,
  type StoreOptions,
  storePath,
} from './store.ts';
