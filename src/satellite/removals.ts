/**
 * Removals that go on while the next messages are sent: a disk that is busy makes each of them wait. What is on its way
 * is counted, since a flush that is killed leaves those messages behind, to be offered once more to the hub that took
 * them.
 */

export interface Removals {
  /** Fulfilled when there is room for one more. What went wrong is told to `failed`. Never rejects. */
  add(removal: Promise<void>, done: () => void, failed: (error: unknown) => void): Promise<void>;
  /** Fulfilled when none is on its way any more. */
  settle(): Promise<void>;
}

export function createRemovals(max: number): Removals {
  let running = 0;
  let waiting: (() => void)[] = [];

  async function untilAtMost(count: number): Promise<void> {
    while (running > count) {
      await new Promise<void>((fulfil) => {
        waiting.push(fulfil);
      });
    }
  }

  function end(): void {
    running -= 1;
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  }

  return {
    add(removal, done, failed) {
      running += 1;
      removal.then(done, failed).then(end, end);
      return untilAtMost(max - 1);
    },
    settle: () => untilAtMost(0),
  };
}
