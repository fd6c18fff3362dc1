import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { shuffle } from '../../qmqp/index.ts';

const randomly = (sizeBytes: number) => crypto.getRandomValues(new Uint8Array(sizeBytes));

test('every item stays, none is added', () => {
  const list = ['a', 'b', 'c', 'd', 'e'];
  deepStrictEqual([...shuffle(list, randomly)].sort(), list);
  deepStrictEqual(list, ['a', 'b', 'c', 'd', 'e']);
  deepStrictEqual(shuffle([], randomly), []);
  deepStrictEqual(shuffle(['a'], randomly), ['a']);
});

test('each order comes about as often as any other', () => {
  const counts = new Map<string, number>();
  for (let round = 0; round < 6000; round += 1) {
    const order = shuffle(['a', 'b', 'c'], randomly).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  strictEqual(counts.size, 6);
  // One thousand each, with a standard deviation of 29.
  for (const count of counts.values()) ok(count > 800 && count < 1200, String(count));
});

test('the bytes decide', () => {
  deepStrictEqual(
    shuffle(['a', 'b', 'c'], (sizeBytes) => new Uint8Array(sizeBytes)),
    ['a', 'b', 'c'],
  );
  deepStrictEqual(
    shuffle(['a', 'b', 'c'], () => Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0)),
    ['c', 'b', 'a'],
  );
});
