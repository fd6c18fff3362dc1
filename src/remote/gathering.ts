/**
 * Jobs that wait for a way to their destination. Those of one message that have come by the time a way is free go
 * together; there are never more ways to one destination than so many.
 */
import type { ByteString } from '../system/index.ts';

export interface GatherLimits {
  /** Ways to one destination at the same time. */
  readonly waysMax: number;
  /** Jobs that go together. */
  readonly togetherMax: number;
}

export interface Gathering<Job> {
  /** `group`: jobs of one group, for the same destination, may go together. */
  add(destination: string, group: ByteString, job: Job, limits: GatherLimits): void;
}

interface Waiting<Job> {
  readonly group: ByteString;
  readonly job: Job;
}

interface Destination<Job> {
  waiting: Waiting<Job>[];
  limits: GatherLimits;
  ways: number;
}

/** `carryOut` never rejects; its way is free when it resolves. */
export function createGathering<Job>(
  carryOut: (destination: string, jobs: readonly Job[]) => Promise<void>,
): Gathering<Job> {
  const destinations = new Map<string, Destination<Job>>();
  const changed = new Set<string>();
  let isTurnComing = false;

  /** Takes the first that waits, and those that go with it. */
  function takeGroup(destination: Destination<Job>): readonly Job[] {
    const { waiting, limits } = destination;
    const [first] = waiting;
    const together: Job[] = [];
    const rest: Waiting<Job>[] = [];
    for (const one of waiting) {
      if (one.group === first?.group && together.length < limits.togetherMax) together.push(one.job);
      else rest.push(one);
    }
    destination.waiting = rest;
    return together;
  }

  function start(name: string, destination: Destination<Job>): void {
    while (destination.waiting.length > 0 && destination.ways < destination.limits.waysMax) {
      destination.ways += 1;
      carryOut(name, takeGroup(destination)).then(() => {
        destination.ways -= 1;
        startSoon(name);
      });
    }
    if (destination.waiting.length === 0 && destination.ways === 0) destinations.delete(name);
  }

  /** What comes in one turn of the event loop goes together. */
  function startSoon(name: string): void {
    changed.add(name);
    if (isTurnComing) return;
    isTurnComing = true;
    setImmediate(() => {
      isTurnComing = false;
      const names = [...changed];
      changed.clear();
      for (const one of names) {
        const destination = destinations.get(one);
        if (destination !== undefined) start(one, destination);
      }
    });
  }

  return {
    add(name, group, job, limits) {
      const destination = destinations.get(name) ?? { waiting: [], limits, ways: 0 };
      destination.limits = limits;
      destination.waiting.push({ group, job });
      destinations.set(name, destination);
      startSoon(name);
    },
  };
}
