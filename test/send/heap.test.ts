import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createHeap } from '../../src/send/heap.ts';

test('elements come out in their order, whatever is put in between', () => {
  const step = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant('pop' as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const heap = createHeap<number>((a, b) => a < b);
      const model: number[] = [];
      for (const one of steps) {
        if (one === 'pop') assert.equal(heap.pop(), model.shift());
        else {
          heap.push(one);
          model.push(one);
          model.sort((a, b) => a - b);
        }
        assert.equal(heap.size, model.length);
      }
      while (model.length > 0) assert.equal(heap.pop(), model.shift());
      assert.equal(heap.pop(), undefined);
    }),
  );
});
