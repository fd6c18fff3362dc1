/**
 * A log on a descriptor: what is said while one write is on its way goes out in the next. The writes wait on another
 * thread, so that a reader that has stopped reading does not stop the mail.
 */
import { write } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '../system/index.ts';
import { counter } from './metrics.ts';

/** Lines that may wait while a slow reader blocks the descriptor; what is said beyond them is counted, not kept. */
const waitingMax = 100_000;

/** When a descriptor that somebody else made non-blocking is tried again. */
const retryMs = 20;

/** How long the last lines wait for their reader. */
const flushMsDefault = 5000;

const droppedLines = counter(
  'mini_qmail_log_lines_dropped_total',
  'Lines of the log that were not written, since its reader was too slow.',
);

export interface LineLog {
  /** Takes one line, without its line end. */
  readonly line: (text: string) => void;
  /** Resolves when everything that was said is written, or its reader has had this time. */
  flush(limitMs?: number): Promise<void>;
}

/** `warn`: the lines that say a warning in the form of this log. */
export function openLineLog(
  descriptor: number,
  warn: (text: string) => readonly string[] = (text) => [`warning: ${text}`],
): LineLog {
  let waiting: string[] = [];
  let dropped = 0;
  let busy = false;
  let whenIdle: (() => void)[] = [];

  /** A log that nobody reads any more (EPIPE), or whose disk is full, loses lines and does not stop the mail. */
  function writeAll(bytes: Buffer): void {
    write(descriptor, bytes, (error, count) => {
      if (errorCode(error) === 'EAGAIN') setTimeout(writeAll, retryMs, bytes);
      else if (error === null && count < bytes.length) writeAll(bytes.subarray(count));
      else next();
    });
  }

  function next(): void {
    if (dropped > 0) waiting.push(...warn(`${dropped} lines of the log are missing: its reader is too slow`));
    dropped = 0;
    busy = waiting.length > 0;
    if (busy) {
      const text = waiting.map((line) => `${line}\n`).join('');
      waiting = [];
      writeAll(Buffer.from(text, 'latin1'));
      return;
    }
    for (const wake of whenIdle) wake();
    whenIdle = [];
  }

  return {
    line(text) {
      if (waiting.length < waitingMax) {
        waiting.push(text);
      } else {
        dropped += 1;
        droppedLines.add();
      }
      if (busy) return;
      busy = true;
      setImmediate(next);
    },
    async flush(limitMs = flushMsDefault) {
      if (!busy) return;
      const idle = new Promise<void>((resolve) => {
        whenIdle.push(resolve);
      });
      await Promise.race([idle, delay(limitMs, undefined, { ref: false })]);
    },
  };
}
