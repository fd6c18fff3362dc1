/**
 * Messages whose bounce is due. They are marked in the store, so none is forgotten; a few at a time are worked on, and
 * one whose bounce cannot be written now is tried again.
 */
import type { QueuedMessage, Reader } from '../queue/index.ts';
import { errorText } from '../system/index.ts';

/** Bounces that are written at the same time. */
const runningMax = 5;

/** Bounces that wait to be tried again, beyond which none is begun: it is not the message that is at fault. */
const restingMax = 20;

/** Messages that one look into the store brings: more than may be worked on or wait. */
const refillCount = 40;

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
  /** The message after the last one that was begun: each has its turn, even when many cannot be written. */
  let nextId = 0;
  let rereading: NodeJS.Timeout | undefined;
  let stopped: (() => void) | undefined;
  let stopping = false;

  function rest(id: number, error: unknown): void {
    const waitMs = retryMs.get(id) ?? retryMsMin;
    retryMs.set(id, Math.min(waitMs * 2, retryMsMax));
    onProblem(`unable to bounce msg ${id}: ${errorText(error)}; will try again`);
    if (!stopping) resting.set(id, setTimeout(again, waitMs, id));
  }

  function again(id: number): void {
    resting.delete(id);
    wake();
  }

  async function work(message: QueuedMessage): Promise<void> {
    const { id } = message;
    running.add(id);
    nextId = id + 1;
    try {
      await write(message);
      retryMs.delete(id);
    } catch (error) {
      rest(id, error);
    }
    running.delete(id);
    wake();
    if (stopping && running.size === 0) stopped?.();
  }

  function look(): readonly QueuedMessage[] {
    try {
      const found = store.bouncesDue(nextId, refillCount);
      return found.length < refillCount ? [...found, ...store.bouncesDue(0, refillCount)] : found;
    } catch (error) {
      onProblem(`unable to look for bounces: ${errorText(error)}; will try again`);
      clearTimeout(rereading);
      rereading = setTimeout(wake, retryMsMax);
      return [];
    }
  }

  function wake(): void {
    if (stopping || running.size >= runningMax || resting.size >= restingMax) return;
    for (const message of look()) {
      if (running.size >= runningMax) return;
      if (!running.has(message.id) && !resting.has(message.id)) void work(message);
    }
  }

  return {
    wake,
    stop() {
      stopping = true;
      clearTimeout(rereading);
      for (const timer of resting.values()) clearTimeout(timer);
      return new Promise((resolve) => {
        stopped = resolve;
        if (running.size === 0) resolve();
      });
    },
  };
}
