/**
 * Messages whose bounce is due. They are marked in the store, so none is forgotten; a few at a time are worked on, and
 * one whose bounce cannot be written now is tried again.
 */
import type { QueuedMessage, Reader } from '../queue/index.ts';
import { errorText } from '../system/index.ts';

/** Bounces that are written at the same time. */
const runningMax = 5;

/** Messages that one look into the store brings. */
const refillCount = 100;

const retryMsMin = 1_000;
const retryMsMax = 60_000;

export interface BounceQueueOptions {
  readonly store: Pick<Reader, 'bouncesDue'>;
  /** Writes the bounce of a message, or drops what must not be bounced. Rejects when that is not possible now. */
  write(message: QueuedMessage): Promise<void>;
  onProblem(text: string): void;
}

export interface BounceQueue {
  /** Looks for what is due: at the start, and when the last recipient of a message has failed. */
  wake(): void;
  /** Begins no more and resolves when none is being written. */
  stop(): Promise<void>;
}

export function createBounceQueue({ store, write, onProblem }: BounceQueueOptions): BounceQueue {
  const running = new Set<number>();
  /** Those that could not be written, until they are tried again. */
  const resting = new Map<number, NodeJS.Timeout>();
  const retryMs = new Map<number, number>();
  let stopped: (() => void) | undefined;
  let stopping = false;

  function begin(message: QueuedMessage): void {
    const { id } = message;
    running.add(id);
    write(message)
      .then(
        () => retryMs.delete(id),
        (error: unknown) => {
          const waitMs = retryMs.get(id) ?? retryMsMin;
          retryMs.set(id, Math.min(waitMs * 2, retryMsMax));
          onProblem(`unable to bounce msg ${id}: ${errorText(error)}; will try again`);
          if (!stopping)
            resting.set(
              id,
              setTimeout(() => again(id), waitMs),
            );
        },
      )
      .finally(() => {
        running.delete(id);
        wake();
        if (stopping && running.size === 0) stopped?.();
      });
  }

  function again(id: number): void {
    resting.delete(id);
    wake();
  }

  function wake(): void {
    let fromId = 0;
    while (!stopping && running.size < runningMax) {
      const found = store.bouncesDue(fromId, refillCount);
      for (const message of found) {
        if (running.size >= runningMax) return;
        if (!running.has(message.id) && !resting.has(message.id)) begin(message);
      }
      const last = found.at(-1);
      if (last === undefined) return;
      fromId = last.id + 1;
    }
  }

  return {
    wake,
    stop() {
      stopping = true;
      for (const timer of resting.values()) clearTimeout(timer);
      return new Promise((resolve) => {
        stopped = resolve;
        if (running.size === 0) resolve();
      });
    },
  };
}
