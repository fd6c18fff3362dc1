/**
 * Handing a message to the queue, whatever stands in its place. The contract is qmail-queue's: message, envelope,
 * exit code. Within one process it is a call of this type; across programs it is descriptors 0 and 1.
 */
import type { Envelope } from '../mail/index.ts';
import type { Answer, System } from '../system/index.ts';
import type { Spill } from './spill.ts';

/** How a submission ended: the exit code by the table in mail/queue-exit.ts, and what there is to say about it. */
export interface QueueOutcome {
  readonly exitCode: number;
  readonly answer: Answer;
}

/** Takes responsibility for a message, or says why not. Never throws for what a peer or a disk does. */
export type Queue = (system: System, message: Spill, envelope: Envelope) => Promise<QueueOutcome>;
