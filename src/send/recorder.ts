/**
 * Records what was done, however long the store cannot: a delivery that was made and is not recorded would be made
 * again. When everything ends, one last try is made.
 */
import { errorText } from '../system/index.ts';

/** A record that the store refuses is brought again after this, and twice as long each time. */
const retryMsMin = 250;
const retryMsMax = 30_000;

export interface RecorderOptions {
  onProblem(text: string): void;
}

export interface Recorder {
  /** Resolves with what `write` did, or with undefined when everything ends and it could not be written. */
  record<Result>(write: () => Promise<Result>): Promise<Result | undefined>;
  /** What waits is brought at once, and what is refused from now on is given up. */
  stop(): void;
}

export function createRecorder({ onProblem }: RecorderOptions): Recorder {
  const waiting = new Set<() => void>();
  let stopping = false;

  /** Resolves after the time, or when everything ends. */
  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      waiting.add(end);
    });
  }

  return {
    async record(write) {
      for (let retryMs = retryMsMin; ; retryMs = Math.min(retryMs * 2, retryMsMax)) {
        const isLast = stopping;
        try {
          return await write();
        } catch (error) {
          const outlook = isLast ? 'it may be made again' : 'will try again';
          onProblem(`unable to record a delivery: ${errorText(error)}; ${outlook}`);
          if (isLast) return undefined;
          if (!stopping) await pause(retryMs);
        }
      }
    },
    stop() {
      stopping = true;
      for (const end of waiting) end();
    },
  };
}
