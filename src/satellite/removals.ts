/**
 * Removals of what hubs have taken, many at a time: what a disk that is busy with the hub's own writes makes one of them
 * wait for, the next ones find done. They go on while the next messages are sent. What is not removed yet is counted,
 * since a flush that is killed leaves those messages behind, to be offered once more to the hub that took them.
 */
import type { System } from '../system/index.ts';

export interface Removal {
  remove(): Promise<void>;
  done(): void;
  /** It must not throw. */
  failed(error: unknown): void;
}

export interface Removals {
  /** Answers what to wait for until there is room for one more, if there is none now; it never rejects. */
  add(removal: Removal): Promise<void> | undefined;
  /** Fulfilled when none is left. */
  settle(): Promise<void>;
}

/** How long one waits for others. */
const gatherMs = 50;

/** `max`: removals that are not done yet. Half of them are begun at a time, or what there is after a moment. */
export function createRemovals({ pause }: Pick<System, 'pause'>, max: number): Removals {
  let gathered: Removal[] = [];
  let left = 0;
  let rounds = 0;
  let waiting: (() => void)[] = [];

  function end(): void {
    left -= 1;
    if (waiting.length === 0) return;
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  }

  function begin(): void {
    const all = gathered;
    gathered = [];
    rounds += 1;
    for (const { remove, done, failed } of all) {
      remove().then(
        () => {
          done();
          end();
        },
        (error: unknown) => {
          failed(error);
          end();
        },
      );
    }
  }

  async function beginSoon(): Promise<void> {
    const round = rounds;
    await pause(gatherMs);
    if (round === rounds) begin();
  }

  async function untilAtMost(count: number): Promise<void> {
    while (left > count) {
      await new Promise<void>((fulfil) => {
        waiting.push(fulfil);
      });
    }
  }

  return {
    add(removal) {
      left += 1;
      gathered.push(removal);
      if (gathered.length >= max / 2) begin();
      else if (gathered.length === 1) beginSoon();
      return left < max ? undefined : untilAtMost(max - 1);
    },
    settle() {
      begin();
      return untilAtMost(0);
    },
  };
}
