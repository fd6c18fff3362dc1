import { deepStrictEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ranksOf, recipientsTogether } from '../../src/queue/recipient-ranks.ts';

test('recipients at one domain share a place, and each domain has its own', () => {
  deepStrictEqual(ranksOf(7, []), []);
  deepStrictEqual(ranksOf(7, ['a@x']), [7]);
  deepStrictEqual(ranksOf(7, ['a@x', 'b@y', 'c@X', 'd', 'e@z', 'f', 'g@y']), [7, 8, 7, 9, 10, 9, 8]);
});

test('what is more than goes together comes one place later', () => {
  const many = Array.from({ length: recipientsTogether * 2 + 1 }, (_, index) => `${index}@x`);
  const ranks = ranksOf(0, [...many, 'a@y', 'last@x']);
  for (const [index] of many.entries()) deepStrictEqual(ranks[index], Math.floor(index / recipientsTogether));
  deepStrictEqual(ranks.slice(-2), [3, 2]);
});

test('places follow one another without a gap, each of one domain and of no more than go together', () => {
  const domains = fc.constantFrom('x', 'y', 'z', 'X');
  fc.assert(
    fc.property(fc.array(domains, { maxLength: 200 }), fc.nat(), (list, first) => {
      const ranks = ranksOf(
        first,
        list.map((domain) => `a@${domain}`),
      );
      const places = [...new Set(ranks)];
      deepStrictEqual(
        places,
        places.map((_, index) => first + index),
      );
      for (const place of places) {
        const there = list.filter((_, index) => ranks[index] === place);
        ok(
          there.length <= recipientsTogether &&
            new Set(there.map((domain) => domain.toLowerCase())).size === 1,
        );
      }
    }),
  );
});
