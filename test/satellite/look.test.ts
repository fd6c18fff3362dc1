import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Entry, formatEntryName, lockName, temporaryName } from '../../src/satellite/entry-name.ts';
import { lookForFirst, lookThrough } from '../../src/satellite/look.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';

const system = nodeSystem([]);

const one: Entry = {
  arrivedMs: 5_000_000,
  id: '1'.repeat(16),
  sizeBytes: 10,
  tries: 0,
  unknownAt: [],
  unknownSinceMs: 0,
  claim: undefined,
};

function directoryWith(...names: readonly string[]): string {
  const directory = temporaryDirectory();
  for (const name of names) writeFileSync(`${directory}/${name}`, '');
  return directory;
}

test('a directory that is missing or empty holds nothing', () => {
  for (const directory of ['/missing/queue', directoryWith()]) {
    const { count, oldestMs, first, claimed, temporary } = lookThrough(system, directory);
    deepStrictEqual([count.messages, oldestMs, first, claimed.size, temporary], [0, undefined, [], 0, []]);
  }
});

test('what waits, what is claimed, what is being written', () => {
  const claim = 'c'.repeat(16);
  const waiting = formatEntryName(one);
  const taken = formatEntryName({ ...one, id: '2'.repeat(16), arrivedMs: 4_000_000, claim });
  const lonely = lockName('d'.repeat(16));
  const temporary = temporaryName(7, 'e'.repeat(16));
  const found = lookThrough(
    system,
    directoryWith(waiting, taken, lockName(claim), lonely, temporary, 'strange'),
  );
  deepStrictEqual(found.count, { messages: 2, blocks: 2 });
  strictEqual(found.oldestMs, 4_000_000);
  deepStrictEqual(
    found.first.map(({ name }) => name),
    [waiting],
  );
  deepStrictEqual([...found.claimed].sort(), [
    [claim, [taken]],
    ['d'.repeat(16), []],
  ]);
  deepStrictEqual(found.temporary, [{ name: temporary, beganMs: 7 }]);
});

test('the oldest come first; what was put off counts as younger', () => {
  const id = (number: number) => String(number).padStart(16, '0');
  const entries = [
    { ...one, id: id(1), arrivedMs: 3000 },
    { ...one, id: id(2), arrivedMs: 1000, tries: 1 },
    { ...one, id: id(3), arrivedMs: 2000 },
  ];
  const found = lookThrough(system, directoryWith(...entries.map(formatEntryName)));
  deepStrictEqual(
    found.first.map(({ name }) => name.split('.')[1]),
    [id(3), id(1), id(2)],
  );
});

test('no more than the first are remembered, and what is passed over is not among them', () => {
  const id = (number: number) => String(number).padStart(16, '0');
  const numbers = Array.from({ length: 100 }, (_, index) => (index * 37) % 100);
  const entries = numbers.map((number) => ({ ...one, id: id(number), arrivedMs: number }));
  const directory = directoryWith(...entries.map(formatEntryName));
  const ranks = (found: readonly { readonly rank: number }[]) => found.map(({ rank }) => rank);
  const found = lookThrough(system, directory, 3);
  deepStrictEqual(ranks(found.first), [0, 1, 2]);
  strictEqual(found.count.messages, 100);
  deepStrictEqual(ranks(lookForFirst(system, directory, new Set([id(0), id(2)]), 3)), [1, 3, 4]);
});

test('the first ones are the same as those of a list that was sorted whole', () => {
  const time = fc.nat({ max: 8_000_000 });
  const entries = fc.array(fc.tuple(time, fc.nat({ max: 3 }), fc.boolean()), { maxLength: 60 });
  fc.assert(
    fc.property(entries, fc.integer({ min: 1, max: 5 }), (made, max) => {
      const names = made.map(([arrivedMs, tries, isClaimed], index) =>
        formatEntryName({
          ...one,
          arrivedMs,
          tries,
          id: String(index).padStart(16, '0'),
          claim: isClaimed ? 'c'.repeat(16) : undefined,
        }),
      );
      const order = made
        .map(([arrivedMs, tries, isClaimed], index) => ({
          name: names[index] ?? '',
          rank: arrivedMs + tries * 3_600_000,
          isClaimed,
        }))
        .filter(({ isClaimed }) => !isClaimed)
        .sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1))
        .map(({ name }) => name)
        .slice(0, max);
      const visit = (_: string, take: (name: string) => void) => names.forEach(take);
      const listed = { ...system, files: { ...system.files, visit } };
      const named = (first: readonly { readonly name: string }[]) => first.map(({ name }) => name);
      deepStrictEqual(named(lookThrough(listed, '/queue', max).first), order);
      deepStrictEqual(named(lookForFirst(listed, '/queue', new Set(), max)), order);
    }),
  );
});

test('a small body remembers fewer names, and counts all', () => {
  const id = (number: number) => String(number).padStart(16, '0');
  const names = Array.from({ length: 4100 }, (_, number) =>
    formatEntryName({ ...one, id: id(number), arrivedMs: 5_000_000 + number }),
  );
  const directory = directoryWith(...names);
  const small = { ...system, isSmall: true };
  const { count, first } = lookThrough(small, directory);
  deepStrictEqual([count.messages, first.map(({ name }) => name)], [4100, names.slice(0, 2048)]);
  deepStrictEqual(lookForFirst(small, directory, new Set()), first);
  strictEqual(lookThrough(system, directory).first.length, 4100);
});
