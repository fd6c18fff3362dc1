/**
 * Hands out what is to be sent, until nothing is left, the limit is reached, or the hubs take nothing any more. While one
 * batch is handed out the next one is claimed: the disk takes its time for that.
 */
import { type ByteString, last, type System } from '../system/index.ts';
import type { Claim, Claimed, Claims } from './claims.ts';
import { lookForFirst } from './look.ts';
import type { Sender } from './send-stored.ts';

/** Messages that are claimed at once, when hubs take them: their names are synced together. */
const claimMax = 512;
const claimMaxSmall = 128;

export interface SourceOptions {
  readonly parallel: number;
  readonly limit: number;
}

export interface ClaimSource {
  next(): Promise<Claim | undefined>;
  /** Gives back what was claimed and not handed out. */
  release(): Promise<void>;
}

/** `first`: names that a look has found, in their order. */
export function createSource(
  system: System,
  queue: ByteString,
  claims: Claims,
  sender: Pick<
    Sender,
    'putOff' | 'tried' | 'isTaking' | 'isFull' | 'isHalted' | 'isExpired' | 'likelyPlaces'
  >,
  { parallel, limit }: SourceOptions,
  first: readonly ByteString[],
): ClaimSource {
  const batchMax = system.isSmall === true ? claimMaxSmall : claimMax;
  // In both, the next one is the last.
  let names = [...first].reverse();
  let ready: Claimed[] = [];
  let left = limit - sender.tried;
  /** The last look has found nothing. */
  let isDrained = false;
  let filling: Promise<void> | undefined;
  let failure: unknown;

  async function claimSome(): Promise<void> {
    if (names.length === 0) {
      names = lookForFirst(system, queue, sender.putOff)
        .map(({ name }) => name)
        .reverse();
      isDrained = names.length === 0;
    }
    const many = sender.isTaking ? Math.max(batchMax, parallel) : parallel;
    const next = names.splice(Math.max(0, names.length - Math.min(many, left))).reverse();
    const claimed = await claims.claim(next, sender.likelyPlaces());
    left -= claimed.length;
    ready = [...[...claimed].reverse(), ...ready];
  }

  async function fillOnce(): Promise<void> {
    try {
      await claimSome();
    } catch (error) {
      failure = error;
    }
    filling = undefined;
  }

  /** One at a time, whoever asks. */
  function fill(): Promise<void> {
    filling ??= fillOnce();
    return filling;
  }

  const mayFill = () => left > 0 && failure === undefined && !sender.isFull;

  return {
    async next() {
      while (ready.length === 0 && mayFill()) {
        await fill();
        if (isDrained) break;
      }
      if (failure !== undefined) throw failure;
      const claimed = last(ready);
      if (claimed === undefined || sender.isFull) return undefined;
      const claim = claims.open(claimed);
      // Where no hub can be reached, only what is too old is worked on.
      if (sender.isHalted && !sender.isExpired(claim.entry)) return undefined;
      ready.pop();
      const isLow = ready.length < batchMax / 2 && !isDrained;
      if (isLow && sender.isTaking && mayFill()) fill();
      return claim;
    },
    async release() {
      await filling;
      for (const claimed of ready) {
        const { entry, release } = claims.open(claimed);
        release(entry.tries, entry.unknownAt);
      }
      ready = [];
    },
  };
}
