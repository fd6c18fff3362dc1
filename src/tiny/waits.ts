/**
 * Waits for several descriptors at the same time. Everything else blocks: what is to be waited for is looked at together,
 * by one call, when nothing else is left to do.
 */
import type { Descriptor } from '../system/index.ts';
import { failedWith, failureOf } from './checked.ts';
import type { Host } from './host.ts';

/** Numbers of one wait in the table that the host reads: descriptor, what for, and whether it is ready. */
const columns = 3;

/** The longest time that poll(2) takes. */
const pollMsMax = 0x7fffffff;

interface Wait {
  readonly descriptor: Descriptor;
  /** One of pollFor. */
  readonly what: number;
  readonly endMs: number;
  fulfil(isReady: boolean): void;
  reject(error: unknown): void;
}

export interface Waits {
  /** True when the descriptor is ready, false when the clock (host.monotonic) shows `endMs`. Descriptor -1 only waits. */
  until(descriptor: Descriptor, what: number, endMs: number): Promise<boolean>;
}

export function createWaits(host: Host): Waits {
  let waiting: Wait[] = [];
  let table = new Int32Array(0);

  function fillTable(): void {
    if (table.length !== waiting.length * columns) table = new Int32Array(waiting.length * columns);
    let at = 0;
    for (const { descriptor, what } of waiting) {
      table[at] = descriptor;
      table[at + 1] = what;
      table[at + 2] = 0;
      at += columns;
    }
  }

  /** Blocks until at least one is ready, or its time is over. */
  function look(): void {
    let endMs = Number.POSITIVE_INFINITY;
    for (const wait of waiting) endMs = Math.min(endMs, wait.endMs);
    fillTable();
    const leftMs = Math.max(0, Math.ceil(endMs - host.monotonic()));
    const answer = host.pollAll(table, Math.min(leftMs, pollMsMax));
    const looked = waiting;
    waiting = [];
    if (answer < 0 && !failedWith(host, answer, 'EINTR')) {
      for (const wait of looked) wait.reject(failureOf(host, -answer, 'poll'));
      return;
    }
    const nowMs = host.monotonic();
    for (const [index, wait] of looked.entries()) {
      if (answer > 0 && table[index * columns + 2] === 1) wait.fulfil(true);
      else if (wait.endMs <= nowMs) wait.fulfil(false);
      else waiting.push(wait);
    }
  }

  let isTurning = false;

  async function turn(): Promise<void> {
    isTurning = true;
    while (waiting.length > 0) {
      // What is at work may wait for more before it comes to its end.
      await undefined;
      if (!host.hasJobs()) look();
    }
    isTurning = false;
  }

  return {
    until: (descriptor, what, endMs) =>
      new Promise((fulfil, reject) => {
        waiting.push({ descriptor, what, endMs, fulfil, reject });
        if (!isTurning) turn();
      }),
  };
}
