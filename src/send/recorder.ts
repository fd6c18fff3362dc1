/**
 * Records what was done, however long the store cannot: a delivery that was made and is not recorded would be made
 * again. When everything ends, one last try is made.
 */
import type { QueuedRecipient } from '../queue/index.ts';
import { errorText } from '../system/index.ts';
import { addressText } from './log.ts';

/** A record that the store refuses is brought again after this, and twice as long each time. */
const retryMsMin = 250;
const retryMsMax = 30_000;

export interface RecorderOptions {
  onProblem(text: string): void;
}

/** Whom a record is about. */
export type Recorded = Pick<QueuedRecipient, 'messageId' | 'address'>;

export interface Recorder {
  /**
   * Resolves with what `write` did, or with undefined when everything ends and it could not be written. Problems name
   * what is recorded, such as `a delivery`, and for whom.
   */
  record<Result>(
    what: string,
    recipients: readonly Recorded[],
    write: () => Promise<Result>,
  ): Promise<Result | undefined>;
  /** Whether the store has refused a record and not taken it yet: nothing new should be begun. */
  readonly troubled: boolean;
  /** What waits is brought at once, and what is refused from now on is given up. */
  stop(): void;
}

function nameOf(what: string, recipients: readonly Recorded[]): string {
  const [first] = recipients;
  if (first === undefined) return what;
  const others = recipients.length > 1 ? ` and ${recipients.length - 1} more` : '';
  return `${what}: msg ${first.messageId} to ${addressText(first.address)}${others}`;
}

export function createRecorder({ onProblem }: RecorderOptions): Recorder {
  const waiting = new Set<() => void>();
  let refused = 0;
  let stopping = false;

  /** Resolves after the time, when the store takes another record, or when everything ends. */
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

  function wake(): void {
    for (const end of waiting) end();
  }

  /** Brings again what was refused once. */
  async function insist<Result>(name: string, write: () => Promise<Result>): Promise<Result | undefined> {
    for (let retryMs = retryMsMin; ; retryMs = Math.min(retryMs * 2, retryMsMax)) {
      if (!stopping) await pause(retryMs);
      const isLast = stopping;
      try {
        return await write();
      } catch (error) {
        const outlook = isLast ? 'it may be made again' : 'will try again';
        onProblem(`unable to record ${name}: ${errorText(error)}; ${outlook}`);
        if (isLast) return undefined;
      }
    }
  }

  return {
    async record(what, recipients, write) {
      try {
        const result = await write();
        wake();
        return result;
      } catch (error) {
        onProblem(`unable to record ${nameOf(what, recipients)}: ${errorText(error)}; will try again`);
      }
      refused += 1;
      const result = await insist(nameOf(what, recipients), write);
      refused -= 1;
      wake();
      return result;
    },
    get troubled() {
      return refused > 0;
    },
    stop() {
      stopping = true;
      wake();
    },
  };
}
