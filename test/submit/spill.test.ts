import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSpill, type Spill } from '../../src/submit/index.ts';
import { concatBytes, type System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { inPieces } from '../support/pieces.ts';

const memoryBytes = 65_536;

/** A system that counts its temporary files. */
function countingSystem() {
  const system = nodeSystem([]);
  const opened: number[] = [];
  const closed: number[] = [];
  const counting: System = {
    ...system,
    files: {
      ...system.files,
      openTemporary() {
        const descriptor = system.files.openTemporary();
        opened.push(descriptor);
        return descriptor;
      },
      close(descriptor) {
        closed.push(descriptor);
        system.files.close(descriptor);
      },
    },
  };
  return { system: counting, opened, closed };
}

function pattern(sizeBytes: number): Uint8Array {
  return new Uint8Array(sizeBytes).map((_, index) => index % 251);
}

function contentOf(spill: Spill): Uint8Array {
  return concatBytes(Array.from(spill.chunks(), (chunk) => chunk.slice()));
}

/** Writes a message, checks that it comes back, and answers how many files that took. */
function filesFor(sizeBytes: number, pieceBytes: number): number {
  const { system, opened, closed } = countingSystem();
  const spill = createSpill(system);
  const bytes = pattern(sizeBytes);
  for (const piece of inPieces(bytes, [pieceBytes])) spill.write(piece);
  assert.equal(spill.sizeBytes, sizeBytes);
  assert.equal(Buffer.compare(contentOf(spill), bytes), 0);
  assert.equal(Buffer.compare(contentOf(spill), bytes), 0, 'they can be read again');
  spill.close();
  assert.deepEqual(closed, opened);
  return opened.length;
}

test('up to 64 KiB stay in memory, one byte more goes to a file', () => {
  for (const pieceBytes of [1000, 4096, 65_535, 65_536, 200_000]) {
    assert.equal(filesFor(memoryBytes - 1, pieceBytes), 0);
    assert.equal(filesFor(memoryBytes, pieceBytes), 0);
    assert.equal(filesFor(memoryBytes + 1, pieceBytes), 1);
    assert.equal(filesFor(200_000, pieceBytes), 1);
  }
});

test('pieces of any sizes around the limit', () => {
  const sizes = fc.array(fc.constantFrom(0, 1, 4095, 4096, 30_000, 65_535, 65_536), { maxLength: 6 });
  fc.assert(
    fc.property(sizes, (pieces) => {
      const spill = createSpill(nodeSystem([]));
      const whole = pattern(pieces.reduce<number>((sum, size) => sum + size, 0));
      let offset = 0;
      for (const size of pieces) {
        spill.write(whole.subarray(offset, offset + size));
        offset += size;
      }
      assert.equal(spill.sizeBytes, whole.length);
      assert.equal(Buffer.compare(contentOf(spill), whole), 0);
      spill.close();
    }),
    { numRuns: 60 },
  );
});

test('the bytes are copied: the caller may use its array again', () => {
  for (const times of [3, 100]) {
    const spill = createSpill(nodeSystem([]));
    const buffer = new Uint8Array(1000);
    for (let value = 1; value <= times; value += 1) spill.write(buffer.fill(value));
    const content = contentOf(spill);
    for (let value = 1; value <= times; value += 1) assert.equal(content[(value - 1) * 1000], value);
    spill.close();
  }
});

test('a program finds the whole message at the descriptor’s position', () => {
  const system = nodeSystem([]);
  for (const sizeBytes of [0, 10, memoryBytes, memoryBytes + 1, 150_000]) {
    const spill = createSpill(system);
    const bytes = pattern(sizeBytes);
    spill.write(bytes);
    const descriptor = spill.descriptor();
    assert.equal(spill.descriptor(), descriptor);
    const found = new Uint8Array(sizeBytes + 1);
    let count = 0;
    for (let got = -1; got !== 0; count += got) got = system.files.read(descriptor, found.subarray(count));
    assert.equal(Buffer.compare(found.subarray(0, count), bytes), 0);
    assert.equal(Buffer.compare(contentOf(spill), bytes), 0);
    spill.close();
  }
});

test('what is written after the move to a file is there too', () => {
  const spill = createSpill(nodeSystem([]));
  spill.write(pattern(10));
  spill.descriptor();
  spill.write(pattern(5));
  assert.deepEqual(contentOf(spill), concatBytes([pattern(10), pattern(5)]));
  spill.close();
  spill.close();
});

test('a disk that takes nothing is an error at the write that needs it', () => {
  const system = nodeSystem([]);
  const full: System = {
    ...system,
    files: { ...system.files, openTemporary: () => system.files.open('/dev/full', 'append') },
  };
  const spill = createSpill(full);
  spill.write(pattern(memoryBytes));
  assert.throws(() => spill.write(pattern(1)), { code: 'ENOSPC' });
  spill.close();
});
