/**
 * Forgets the submissions whose time is over, while the hub runs: a few at a time, so that a commit of mail never waits
 * for long behind them, and without a break as long as there are more, so that the memory of a busy hub holds what
 * came in within its time and does not grow beyond.
 */

/** Between looks that find less than a full step. */
export const lookEveryMs = 10_000;

/** After a full step. With its size this is the pace: faster than messages can come in. */
export const stepEveryMs = 40;

/** Submissions that one transaction forgets. */
export const stepCount = 500;

/** `forget` forgets at most so many and answers how many. Answers what ends it. */
export function keepForgetting(forget: (count: number) => Promise<number>): () => void {
  let timer: NodeJS.Timeout;
  let stopped = false;

  function wait(ms: number): void {
    if (!stopped) timer = setTimeout(step, ms);
  }

  function step(): void {
    forget(stepCount).then(
      (count) => wait(count < stepCount ? lookEveryMs : stepEveryMs),
      // What cannot be forgotten now will be next time.
      () => wait(lookEveryMs),
    );
  }

  wait(lookEveryMs);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
