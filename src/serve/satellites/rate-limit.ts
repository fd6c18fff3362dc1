/** How many messages each satellite may still send: a bucket that fills at its rate and holds its burst. */
import type { ByteString } from '../../system/index.ts';
import type { Rate } from './satellite-file.ts';

export interface RateLimit {
  /** Takes one message out of the bucket, unless it is empty. */
  take(name: ByteString, rate: Rate): boolean;
}

interface Bucket {
  readonly left: number;
  readonly atMs: number;
}

/** `monotonic`: milliseconds of a clock that only goes forward. There are as many buckets as there are satellites. */
export function createRateLimit(monotonic: () => number): RateLimit {
  const buckets = new Map<ByteString, Bucket>();
  return {
    take(name, { messages, perMs, burst }) {
      const atMs = monotonic();
      const { left: before, atMs: beforeMs } = buckets.get(name) ?? { left: burst, atMs };
      const filled = Math.min(burst, before + ((atMs - beforeMs) * messages) / perMs);
      const passes = filled >= 1;
      buckets.set(name, { left: passes ? filled - 1 : filled, atMs });
      return passes;
    },
  };
}
