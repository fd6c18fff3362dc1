/** Delivery into a user's home: .qmail files, Maildir, mbox, programs and forwards. */
export { checkedNamesMax } from './check-recipient.ts';
export { deliverLocally } from './deliver.ts';
export { createDiskChoice } from './disk-choice.ts';
export { type Home, openHome } from './home.ts';
export type { Instruction } from './instruction.ts';
export { type Instructions, instructionsFor } from './instructions-for.ts';
export type { LocalJob, LocalMeans, LocalUser } from './job.ts';
export { programEndMsDefault, programMsDefault, programOutputBytesDefault } from './program.ts';
export { qmailFileBytesMax } from './qmail-file.ts';
export { reportBytesMax, success } from './report.ts';
export { checkedTogetherMax, createSpawner, type SpawnerOptions } from './spawner.ts';
export {
  channelDescriptor,
  type DeliveryWorkerOptions,
  startDeliveryWorker,
} from './start-delivery-worker.ts';
export {
  createWorkerPool,
  type Identity,
  type WorkerPool,
  type WorkerPoolOptions,
  type WorkerProcess,
} from './worker-pool.ts';
