import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { createDestinations } from '../../src/send/destinations.ts';
import { createSharedPlaces, type SharedPlace, type SharedPlaces } from '../../src/send/shared-places.ts';

interface Tried {
  readonly places: readonly SharedPlace[];
  /** When those that found no place come again. */
  readonly untilMs: readonly number[];
}

/** Tries so many recipients of a message at a destination. */
function tryAll(shared: SharedPlaces, name: string, messageId: number, count: number, nowMs = 0): Tried {
  const places: SharedPlace[] = [];
  const untilMs: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const admission = shared.admit(name, messageId, nowMs);
    if (admission.admitted) places.push(admission.place);
    else untilMs.push(admission.untilMs);
  }
  return { places, untilMs };
}

const count = (values: readonly unknown[]) => new Set(values).size;

test('recipients of one message that are begun together share a place, and other messages have their own', () => {
  const shared = createSharedPlaces(
    createDestinations(2, () => 10),
    20,
  );
  const one = tryAll(shared, 'a', 1, 20);
  const other = tryAll(shared, 'a', 2, 20);
  strictEqual(one.places.length + other.places.length, 40);
  strictEqual(count([...one.places, ...other.places]), 2);
  // Both places are taken, and another destination has its own.
  strictEqual(tryAll(shared, 'a', 3, 1).places.length, 0);
  strictEqual(tryAll(shared, 'b', 1, 1).places.length, 1);
});

test('more than go together need another place, and what is begun in a later turn does too', () => {
  const shared = createSharedPlaces(
    createDestinations(3, () => 10),
    20,
  );
  strictEqual(count(tryAll(shared, 'a', 1, 21).places), 2);
  shared.endTurn();
  strictEqual(count(tryAll(shared, 'a', 1, 5).places), 1);
  shared.endTurn();
  strictEqual(tryAll(shared, 'a', 1, 1).places.length, 0);
});

test('those that find no place come again at the same time, as many as go together', () => {
  const shared = createSharedPlaces(
    createDestinations(1, () => 1),
    20,
  );
  strictEqual(tryAll(shared, 'a', 1, 1).places.length, 1);
  const { untilMs } = tryAll(shared, 'a', 2, 40);
  strictEqual(untilMs.length, 40);
  deepStrictEqual([count(untilMs), count(untilMs.slice(0, 20))], [2, 1]);
});

test('a place is free when all who share it are done, and counts once: as a failure when nobody came through', () => {
  const shared = createSharedPlaces(
    createDestinations(4, () => 10),
    20,
  );
  const room = (messageId: number) => {
    shared.endTurn();
    let places = 0;
    while (shared.admit('a', messageId, 0).admitted) {
      places += 1;
      shared.endTurn();
    }
    return places;
  };
  const finish = ({ places }: Tried, reached: readonly boolean[]) => {
    for (const [index, place] of places.entries()) shared.finish(place, reached[index] ?? false, 0, 0);
  };
  const refused = tryAll(shared, 'a', 1, 3);
  const accepted = tryAll(shared, 'a', 2, 3);
  finish(accepted, [false, true, false]);
  // Five may run now, and one does.
  finish({ ...refused, places: refused.places.slice(1) }, []);
  strictEqual(room(3), 4);
  finish({ ...refused, places: refused.places.slice(0, 1) }, []);
  // Half as many, which are all taken.
  strictEqual(room(4), 0);
});

test('where nobody shares, each has a place', () => {
  const shared = createSharedPlaces(
    createDestinations(5, () => 5),
    1,
  );
  const { places } = tryAll(shared, 'a', 1, 9);
  ok(places.length === 5 && count(places) === 5);
});
