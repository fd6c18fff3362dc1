/**
 * How many deliveries may go to one destination at once, and when none should. A destination begins with a few, gets
 * one more with each success up to its share, and half as many after each failure that it is to blame for. One that
 * fails at a single delivery is left alone for a while, twice as long each time. What finds no place is given a time:
 * as many are sent to each second as the destination has lately taken, so that a long line for a slow destination is
 * spread out and not asked for again and again. Each submitting host has a line of its own, so that the next message of
 * one does not wait behind the flood of another. A destination that has only succeeded so far is expected to get to its share soon.
 * The first in line come again soon, and less soon the longer none of the deliveries there has ended.
 * What has used up its time without an attempt has its only one even while the destination is left alone, as many at
 * once as at a new one.
 */

/** How long a failing destination is left alone, from the first time on and at most. */
const restMsMin = 5_000;
const restMsMax = 15 * 60_000;

/** One that is left alone for so long counts as dead: nothing but failures for more than a minute. */
const deadMsMin = 60_000;

/**
 * What finds no place waits for a part of the time for which no delivery has ended, so that it loses no more than that part
 * of a delivery's time; but at least so long, and at most so long.
 */
const crowdedPart = 0.25;
const crowdedMsMin = 100;
const crowdedMsMax = 1_000;

/** How far a very long line reaches. */
const lineMsMax = 10 * 60_000;

/** Submitting hosts that have lines of their own at one destination; those beyond stand in one together. */
const linesMax = 64;
const beyond = 'the others';

/** How long a delivery is taken to last until the first one has ended, and how much a new one changes that. */
const durationMsStart = 100;
const durationWeight = 0.2;

/** Destinations that are remembered when nothing runs there, and how many of them when they become too many. */
const destinationsMax = 20_000;
const destinationsKept = 15_000;

interface Destination {
  running: number;
  limit: number;
  restMs: number;
  /** Until when it is left alone. */
  restUntilMs: number;
  /** By submitting host the last time that was given to one that found no place. */
  readonly lineEndsMs: Map<string, number>;
  durationMs: number;
  /** When a delivery ended, or the first one began. */
  quietSinceMs: number;
  /** Whether it has failed since it had its whole share, or ever. */
  hasFailed: boolean;
}

export interface Refusal {
  readonly admitted: false;
  /** When to come again. */
  readonly untilMs: number;
  /** Whether the destination has failed for so long that the next attempt would most likely fail too. */
  readonly isDead: boolean;
}

export type Admission = { readonly admitted: true } | Refusal;

export interface Asking {
  /** The submitting host, in whose line it is. */
  readonly host?: string;
  /** It has used up its time, and this attempt is the first and the last. */
  readonly isOnlyOne?: boolean;
}

export interface Destinations {
  /** Asks for one more delivery, and counts it when it is admitted. See `Asking`. */
  admit(name: string, nowMs: number, asking?: Asking): Admission;
  /** A delivery is over. `reached` is false when it failed for a reason that the destination is to blame for. */
  finish(name: string, reached: boolean, startMs: number, nowMs: number): void;
  /** Forgets the failures of one destination, or of all: an operator wants it tried again. */
  forgive(name?: string): void;
}

/** `start`: deliveries that a new destination may have. `shareNow`: the most that one may have, which may change. */
export function createDestinations(start: number, shareNow: () => number): Destinations {
  const known = new Map<string, Destination>();

  /** What has not failed has at least what a new one has, also when the share has grown. */
  function fit(destination: Destination): Destination {
    const share = shareNow();
    const least = destination.hasFailed ? 1 : Math.min(start, share);
    destination.limit = Math.min(Math.max(destination.limit, least), share);
    return destination;
  }

  function find(name: string, nowMs: number): Destination {
    const found = known.get(name);
    if (found !== undefined) return fit(found);
    if (known.size >= destinationsMax) forgetIdle(nowMs);
    const made: Destination = {
      running: 0,
      limit: Math.min(start, shareNow()),
      restMs: 0,
      restUntilMs: 0,
      lineEndsMs: new Map(),
      durationMs: durationMsStart,
      quietSinceMs: nowMs,
      hasFailed: false,
    };
    known.set(name, made);
    return made;
  }

  /** Those that are well go first; when that is not enough, those that have been known for the longest time. */
  function forgetIdle(nowMs: number): void {
    for (const [name, { running, restUntilMs }] of known) {
      if (running === 0 && restUntilMs <= nowMs) known.delete(name);
    }
    for (const [name, { running }] of known) {
      if (known.size <= destinationsKept) return;
      if (running === 0) known.delete(name);
    }
  }

  /** The line of a host. */
  function lineOf({ lineEndsMs }: Destination, host: string, nowMs: number): string {
    if (lineEndsMs.has(host) || lineEndsMs.size < linesMax) return host;
    for (const [other, endMs] of lineEndsMs) if (endMs <= nowMs) lineEndsMs.delete(other);
    return lineEndsMs.size < linesMax ? host : beyond;
  }

  /** The time of the next place in the line. */
  function nextPlace(destination: Destination, host: string, nowMs: number): number {
    const { lineEndsMs } = destination;
    // What waits for a place cannot come earlier when there are more of them.
    const spacingMs = destination.durationMs / (destination.hasFailed ? destination.limit : shareNow());
    const quietMs = (nowMs - destination.quietSinceMs) * crowdedPart;
    const crowdedMs = Math.min(Math.max(quietMs, crowdedMsMin), crowdedMsMax);
    const line = lineOf(destination, host, nowMs);
    const untilMs = Math.max((lineEndsMs.get(line) ?? 0) + spacingMs, nowMs + crowdedMs);
    const endMs = Math.min(untilMs, nowMs + lineMsMax);
    lineEndsMs.set(line, endMs);
    return Math.ceil(endMs);
  }

  return {
    admit(name, nowMs, { host = '', isOnlyOne = false } = {}) {
      const destination = find(name, nowMs);
      const isResting = destination.restUntilMs > nowMs;
      if (isResting && !isOnlyOne) {
        const isDead = destination.restMs >= deadMsMin;
        return { admitted: false, untilMs: destination.restUntilMs, isDead };
      }
      const limit = isOnlyOne ? Math.max(destination.limit, Math.min(start, shareNow())) : destination.limit;
      if (destination.running >= limit) {
        return { admitted: false, untilMs: nextPlace(destination, host, nowMs), isDead: false };
      }
      if (destination.running === 0) destination.quietSinceMs = nowMs;
      destination.running += 1;
      return { admitted: true };
    },
    finish(name, reached, startMs, nowMs) {
      const destination = find(name, nowMs);
      destination.running -= 1;
      destination.quietSinceMs = nowMs;
      destination.durationMs += (Math.max(nowMs - startMs, 0) - destination.durationMs) * durationWeight;
      if (reached) {
        const share = shareNow();
        destination.limit = Math.min(destination.limit + 1, share);
        if (destination.limit === share) destination.hasFailed = false;
        destination.restMs = 0;
        destination.restUntilMs = 0;
      } else if (destination.limit > 1) {
        destination.hasFailed = true;
        destination.limit = Math.floor(destination.limit / 2);
      } else {
        destination.hasFailed = true;
        destination.restMs = Math.min(Math.max(destination.restMs * 2, restMsMin), restMsMax);
        destination.restUntilMs = nowMs + destination.restMs;
      }
    },
    forgive(name) {
      for (const destination of name === undefined ? known.values() : [known.get(name)]) {
        if (destination === undefined) continue;
        destination.restMs = 0;
        destination.restUntilMs = 0;
        destination.lineEndsMs.clear();
      }
    },
  };
}
