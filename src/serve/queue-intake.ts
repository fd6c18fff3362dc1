/**
 * The way into a queue that takes a message only whole: another program in the place of qmail-queue, or a hub
 * further on. The message waits in a spill until its envelope is known.
 */
import type { IncomingMessage, Intake, Origin } from '../queue/index.ts';
import { createSpill, type Queue } from '../submit/index.ts';
import { bytesOf, type System } from '../system/index.ts';

export interface QueueIntakeOptions {
  readonly system: System;
  /** The queue for a message from there. */
  queueFor(origin: Origin): Queue;
  /** The number that a message gets in its reply. */
  nextId(): number;
}

export function queueIntake({ system, queueFor, nextId }: QueueIntakeOptions): Intake {
  return {
    begin(origin): IncomingMessage {
      const queue = queueFor(origin);
      const spill = createSpill(system);
      spill.write(bytesOf(origin.received ?? ''));
      return {
        id: nextId(),
        write(bytes) {
          spill.write(bytes);
          return undefined;
        },
        async commit(envelope) {
          try {
            const { answer } = await queue(system, spill, envelope);
            return answer;
          } finally {
            spill.close();
          }
        },
        abort: () => spill.close(),
      };
    },
  };
}
