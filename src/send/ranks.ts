/**
 * Fair order of first attempts (start-time fair queueing). Each submitting host is a flow with a clock of its own: its
 * next message gets the rank after its last one, or after the rank that is being served now if the host has been
 * quiet. The recipients of a message follow its rank one by one, or a few of one domain together, which then share a
 * transaction (queue/recipient-ranks.ts). Deliveries begin in the order of ranks, so that
 *
 * - a host that floods moves its own clock ahead, and the next message of any other host comes before the flood;
 * - a message with thousands of recipients spreads over as many ranks, and others come between them.
 *
 * Nothing waits for a rank: when only one host has mail, its mail goes out as fast as it can.
 */

/** Hosts whose clocks are kept; those that lag behind the present are forgotten first. */
const hostsMax = 10_000;

export interface Ranks {
  /** The rank of a new message of that host. */
  next(host: string): number;
  /** A recipient of this rank is being tried. */
  serve(rank: number): void;
}

export function createRanks(): Ranks {
  const clocks = new Map<string, number>();
  let present = 0;

  function forgetQuiet(): void {
    for (const [host, clock] of clocks) if (clock <= present) clocks.delete(host);
    // All of them are ahead: the fairness of some is given up rather than memory.
    if (clocks.size >= hostsMax) clocks.clear();
  }

  return {
    next(host) {
      const rank = Math.max(clocks.get(host) ?? 0, present) + 1;
      if (clocks.size >= hostsMax && !clocks.has(host)) forgetQuiet();
      clocks.set(host, rank);
      return rank;
    },
    serve(rank) {
      present = Math.max(present, rank);
    },
  };
}
