/** Hands out what is to be sent, until nothing is left, the limit is reached, or the hubs take nothing any more. */
import { type ByteString, last, type System } from '../system/index.ts';
import type { Claim, Claims } from './claims.ts';
import { lookForFirst } from './look.ts';
import type { Sender } from './send-stored.ts';

/** Messages that are claimed at once, when hubs take them: their names are synced together. */
const claimMax = 512;
const claimMaxSmall = 32;

export interface SourceOptions {
  readonly parallel: number;
  readonly limit: number;
}

export interface ClaimSource {
  next(): Claim | undefined;
  /** Gives back what was claimed and not handed out. */
  release(): void;
}

/** `first`: names that a look has found, in their order. */
export function createSource(
  system: System,
  queue: ByteString,
  claims: Claims,
  sender: Pick<Sender, 'putOff' | 'tried' | 'counts' | 'isFull' | 'isHalted' | 'isExpired' | 'likelyPlaces'>,
  { parallel, limit }: SourceOptions,
  first: readonly ByteString[],
): ClaimSource {
  // In both, the next one is the last.
  let names = [...first].reverse();
  let ready: Claim[] = [];

  function refill(): void {
    while (ready.length === 0) {
      if (names.length === 0) {
        names = lookForFirst(system, queue, sender.putOff)
          .map(({ name }) => name)
          .reverse();
        if (names.length === 0) return;
      }
      const most = system.isSmall === true ? claimMaxSmall : claimMax;
      const many = sender.counts().sent > 0 ? Math.max(most, parallel) : parallel;
      const count = Math.min(many, limit - sender.tried);
      const next = names.splice(Math.max(0, names.length - count)).reverse();
      ready = [...claims.claim(next, sender.likelyPlaces())].reverse();
    }
  }

  return {
    next() {
      if (sender.tried >= limit || sender.isFull) return undefined;
      if (ready.length === 0) refill();
      const claim = last(ready);
      // Where no hub can be reached, only what is too old is worked on.
      if (claim === undefined || (sender.isHalted && !sender.isExpired(claim.entry))) return undefined;
      ready.pop();
      return claim;
    },
    release() {
      for (const claim of ready) claim.release(claim.entry.tries, claim.entry.unknownAt);
      ready = [];
    },
  };
}
