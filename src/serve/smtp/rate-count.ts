/**
 * How many times each peer has done something within a minute. The minutes are those of the clock, so that nothing has to
 * be kept of who is gone.
 */
import type { ByteString } from '../../system/index.ts';

export interface RateCount {
  /** Counts one more, unless that would exceed the limit. */
  take(peer: ByteString): boolean;
}

export const rateMinuteMs = 60_000;

/** Peers that are counted in a minute. What they did is forgotten when there are more. */
export const ratePeersMax = 100_000;

/** `perMinuteMax`: 0 is no limit. `monotonic`: milliseconds of a clock that only goes forward. */
export function createRateCount(perMinuteMax: () => number, monotonic: () => number): RateCount {
  const counts = new Map<ByteString, number>();
  let minute = 0;
  return {
    take(peer) {
      const max = perMinuteMax();
      if (max === 0) return true;
      const now = Math.floor(monotonic() / rateMinuteMs);
      if (now !== minute || counts.size >= ratePeersMax) {
        counts.clear();
        minute = now;
      }
      const count = (counts.get(peer) ?? 0) + 1;
      if (count > max) return false;
      counts.set(peer, count);
      return true;
    },
  };
}
