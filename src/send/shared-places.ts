/**
 * Places at destinations. Recipients of one message that are begun in the same turn go to their destination together, so
 * they take one of its places (destinations.ts), or get the same time to come again: a message with twenty recipients at a
 * host that is not known yet goes there at once and whole, and one that it refuses is one failure.
 */
import type { Asking, Destinations, Refusal } from './destinations.ts';

/** What some recipients of one message have at a destination. */
export interface SharedPlace {
  readonly destination: string;
  running: number;
  reached: boolean;
}

export type Admission = { readonly admitted: true; readonly place: SharedPlace } | Refusal;

export interface SharedPlaces {
  /** Asks for a delivery of a message, and counts it when it is admitted. */
  admit(destination: string, messageId: number, nowMs: number, asking?: Asking): Admission;
  /** A delivery is over. `reached` is false when it failed for a reason that the destination is to blame for. */
  finish(place: SharedPlace, reached: boolean, startMs: number, nowMs: number): void;
  /** What is begun from now on does not go together with what was begun before. */
  endTurn(): void;
}

/** `togetherMax`: recipients that share a place. */
export function createSharedPlaces(
  destinations: Pick<Destinations, 'admit' | 'finish'>,
  togetherMax: number,
): SharedPlaces {
  /** What was given in this turn, by message and destination, and to how many. */
  const given = new Map<string, { readonly admission: Admission; count: number }>();

  function ask(destination: string, nowMs: number, asking?: Asking): Admission {
    const answer = destinations.admit(destination, nowMs, asking);
    return answer.admitted ? { admitted: true, place: { destination, running: 0, reached: false } } : answer;
  }

  return {
    admit(destination, messageId, nowMs, asking) {
      const key = `${messageId} ${destination}`;
      let shared = given.get(key);
      if (shared === undefined || shared.count >= togetherMax) {
        shared = { admission: ask(destination, nowMs, asking), count: 0 };
        given.set(key, shared);
      }
      shared.count += 1;
      if (shared.admission.admitted) shared.admission.place.running += 1;
      return shared.admission;
    },
    finish(place, reached, startMs, nowMs) {
      place.running -= 1;
      place.reached ||= reached;
      if (place.running === 0) destinations.finish(place.destination, place.reached, startMs, nowMs);
    },
    endTurn: () => given.clear(),
  };
}
