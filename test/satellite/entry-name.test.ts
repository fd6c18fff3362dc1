import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Entry,
  formatEntryName,
  lockName,
  newId,
  parseSpoolName,
  temporaryName,
  unknownFrom,
} from '../../src/satellite/entry-name.ts';

const id = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => newId(() => bytes));

const place = fc.oneof(
  fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 65535 })).map(([address, port]) => `${address}:${port}`),
  fc
    .tuple(fc.ipV6(), fc.integer({ min: 1, max: 65535 }))
    .map(([address, port]) => `[${address}%eth0]:${port}`),
);

const fields = {
  arrivedMs: fc.nat({ max: 10 ** 14 }),
  id,
  sizeBytes: fc.nat(),
  tries: fc.nat(),
  unknownAt: fc.array(place, { maxLength: 2 }),
  claim: fc.option(id, { nil: undefined }),
};

const entries: fc.Arbitrary<Entry> = fc
  .tuple(fc.record(fields, { noNullPrototype: true }), fc.nat({ max: 10 ** 14 }))
  .map(([entry, ms]) => ({ ...entry, unknownSinceMs: entry.unknownAt.length === 0 ? 0 : ms }));

test('an entry is what its name says', () => {
  fc.assert(
    fc.property(entries, (entry) => {
      const name = formatEntryName(entry);
      deepStrictEqual(parseSpoolName(name), { kind: 'entry', entry });
      ok(!name.includes('/') && name.length <= 255);
    }),
  );
});

test('names sort by age', () => {
  fc.assert(
    fc.property(entries, entries, (one, other) => {
      if (one.arrivedMs === other.arrivedMs) return;
      strictEqual(formatEntryName(one) < formatEntryName(other), one.arrivedMs < other.arrivedMs);
    }),
  );
});

test('of places that do not fit the last ones stay, and there is always room for a claim', () => {
  const unknownAt = Array.from({ length: 20 }, (_, index) => `[2001:db8::${index}%enp0s31f6]:62809`);
  const entry = {
    arrivedMs: 1,
    id: '0'.repeat(16),
    sizeBytes: 1,
    tries: 0,
    unknownAt,
    unknownSinceMs: 1,
    claim: undefined,
  };
  const found = parseSpoolName(formatEntryName(entry));
  ok(found.kind === 'entry');
  ok(found.entry.unknownAt.length > 1);
  strictEqual(found.entry.unknownAt.at(-1), unknownAt.at(-1));
  ok(formatEntryName({ ...entry, claim: 'f'.repeat(16) }).length <= 255);
});

test('the other names of a spool', () => {
  const name = '0123456789abcdef';
  deepStrictEqual(parseSpoolName(lockName(name)), { kind: 'lock', flush: name });
  deepStrictEqual(parseSpoolName(temporaryName(42, name)), { kind: 'temporary', beganMs: 42 });
});

test('every other name is strange, and so is each of ours with something missing or added', () => {
  const good = `000000000000001.${'a'.repeat(16)}.10.0.000000000000002,1.2.3.4:628@${'b'.repeat(16)}`;
  strictEqual(parseSpoolName(good).kind, 'entry');
  for (const name of [
    '',
    'README',
    good.slice(1),
    `${good}0`,
    good.slice(0, -1),
    good.replace('.10.', '.x.'),
    good.replace('.10.0', '.10'),
    good.replace('.10.0', '.10.0.0'),
    good.replace('.000000000000002', ''),
    good.replace(',1.2.3.4:628', ''),
    good.replace(',1.2.3.4:628', ','),
    'lock.',
    'lock.12',
    `lock.${'a'.repeat(16)}.b`,
    'tmp.1.2',
    `tmp.000000000000001.${'a'.repeat(16)}.b`,
  ]) {
    strictEqual(parseSpoolName(name).kind, 'strange', name);
  }
});

test('since when a hub may have it is since the first one may', () => {
  const before = {
    arrivedMs: 1,
    id: '0'.repeat(16),
    sizeBytes: 1,
    tries: 0,
    unknownAt: [],
    unknownSinceMs: 0,
    claim: undefined,
  };
  const first = unknownFrom(before, ['1.2.3.4:628'], 5.5);
  deepStrictEqual(first, { unknownAt: ['1.2.3.4:628'], unknownSinceMs: 5 });
  const second = unknownFrom({ ...before, ...first }, ['1.2.3.4:628', '1.2.3.5:628'], 9);
  strictEqual(second.unknownSinceMs, 5);
  deepStrictEqual(unknownFrom({ ...before, ...first }, [], 9), { unknownAt: [], unknownSinceMs: 0 });
});
