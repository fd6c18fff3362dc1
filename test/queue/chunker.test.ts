import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Chunk, chunkBytesMax, createChunker } from '../../src/queue/chunker.ts';

function cut(sizes: readonly number[]): readonly Chunk[] {
  const chunker = createChunker();
  const chunks: Chunk[] = [];
  let next = 0;
  for (const size of sizes) {
    const bytes = Uint8Array.from({ length: size }, () => {
      next += 1;
      return next % 251;
    });
    chunks.push(...chunker.append(bytes));
    // The caller uses its array again.
    bytes.fill(255);
  }
  assert.equal(chunker.sizeBytes, next);
  return [...chunks, chunker.last()];
}

function check(sizes: readonly number[]): void {
  const chunks = cut(sizes);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  chunks.forEach((chunk, index) => {
    assert.equal(chunk.index, index);
    if (index < chunks.length - 1) assert.equal(chunk.bytes.length, chunkBytesMax);
    // An array that is handed to another thread must be all that is in its buffer.
    assert.equal(chunk.bytes.byteLength, chunk.bytes.buffer.byteLength);
  });
  const joined = Buffer.concat(chunks.map(({ bytes }) => bytes));
  assert.equal(joined.length, total);
  assert.ok(joined.every((byte, index) => byte === (index + 1) % 251));
}

test('pieces of any size are cut into full chunks and a rest', () => {
  const size = fc.oneof(
    fc.integer({ min: 0, max: 10 }),
    fc.integer({ min: 4090, max: 4100 }),
    fc.integer({ min: chunkBytesMax - 3, max: chunkBytesMax + 3 }),
    fc.integer({ min: 0, max: 3 * chunkBytesMax }),
  );
  fc.assert(fc.property(fc.array(size, { maxLength: 6 }), check), { numRuns: 60 });
});

test('a message of one chunk exactly is one piece, and one byte more makes two', () => {
  assert.equal(cut([]).length, 1);
  assert.equal(cut([chunkBytesMax]).length, 1);
  assert.deepEqual(
    cut([chunkBytesMax, 1]).map(({ bytes }) => bytes.length),
    [chunkBytesMax, 1],
  );
});
