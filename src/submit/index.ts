/** Handing a message to the queue: the contract, the spill, and the choice of what stands in its place. */
export { chooseQueue } from './choose-queue.ts';
export { exchangeWorld, keyFile, keyPath } from './exchange-world.ts';
export { hubQueue } from './hub-queue.ts';
export { submitLocally } from './local-queue.ts';
export { nonceBytes, ownerOfProof, proofDirectoryMode, proofMode } from './proof.ts';
export { qmqpTimeouts } from './qmqp-configuration.ts';
export { type Offered, openQmqpRoute, type QmqpRoute, qmqpQueue } from './qmqp-queue.ts';
export type { Queue, QueueOutcome } from './queue.ts';
export { queueNumber } from './queue-number.ts';
export { queueProgram, type RunProgram } from './queue-program.ts';
export { type ReadSubmission, readSubmission, type SubmissionLimits } from './read-submission.ts';
export { createSpill, type Spill } from './spill.ts';
