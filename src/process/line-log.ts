/** A log on a descriptor: what one turn of the event loop says goes out in one write. */
import { writeSync } from 'node:fs';
import { errorCode } from '../system/index.ts';

/** Lines that may wait while a slow reader blocks the descriptor; the oldest beyond it are counted, not kept. */
const waitingMax = 100_000;

const retryMs = 20;

export interface LineLog {
  /** Takes one line, without its line end. */
  readonly line: (text: string) => void;
  /** Writes what waits. */
  flush(): void;
}

export function openLineLog(descriptor: number): LineLog {
  let waiting: string[] = [];
  let partial: Buffer | undefined;
  let dropped = 0;
  let scheduled = false;

  /**
   * False when the rest must wait. A log that nobody reads any more (EPIPE), or whose disk is full, loses lines and
   * does not stop the mail.
   */
  function write(bytes: Buffer): boolean {
    let rest = bytes;
    while (rest.length > 0) {
      try {
        rest = rest.subarray(writeSync(descriptor, rest));
      } catch (error) {
        if (errorCode(error) !== 'EAGAIN') break;
        partial = rest;
        return false;
      }
    }
    partial = undefined;
    return true;
  }

  function flush(): void {
    scheduled = false;
    if (partial !== undefined && !write(partial)) {
      schedule(retryMs);
      return;
    }
    if (dropped > 0) waiting.push(`warning: ${dropped} lines of the log are missing: its reader is too slow`);
    dropped = 0;
    const text = waiting.map((line) => `${line}\n`).join('');
    waiting = [];
    if (text !== '' && !write(Buffer.from(text, 'latin1'))) schedule(retryMs);
  }

  function schedule(afterMs: number): void {
    if (scheduled) return;
    scheduled = true;
    if (afterMs === 0) setImmediate(flush);
    else setTimeout(flush, afterMs);
  }

  return {
    line(text) {
      if (waiting.length >= waitingMax) dropped += 1;
      else waiting.push(text);
      schedule(0);
    },
    flush,
  };
}
