import { strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { printAll } from '../../src/programs/print-all.ts';
import { type System, SystemError } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';

/** A system on whose descriptor 1 each piece is handed to `write`. */
function printingTo(write: (bytes: Uint8Array) => void): System {
  const system = nodeSystem([]);
  return { ...system, files: { ...system.files, write: (_descriptor, bytes) => write(bytes) } };
}

function* lines(count: number, made = { count: 0 }): Iterable<string> {
  for (let index = 0; index < count; index += 1) {
    made.count += 1;
    yield `${index}\n`.padStart(100, '.');
  }
}

test('all of it, in pieces', () => {
  const sizes: number[] = [];
  printAll(
    printingTo((bytes) => sizes.push(bytes.length)),
    lines(2000),
  );
  strictEqual(
    sizes.reduce((sum, size) => sum + size, 0),
    200_000,
  );
  strictEqual(sizes.length, 4);
});

test('nothing is printed of nothing', () => {
  printAll(
    printingTo(() => {
      throw new Error('a piece of nothing');
    }),
    [],
  );
});

test('no more is made when the reader has gone away', () => {
  const made = { count: 0 };
  const system = printingTo(() => {
    throw new SystemError('EPIPE', 'broken pipe');
  });
  printAll(system, lines(1_000_000, made));
  strictEqual(made.count < 1000, true);
  printAll(system, lines(1));
});

test('a full disk is told of', () => {
  const system = printingTo(() => {
    throw new SystemError('ENOSPC', 'no space');
  });
  throws(() => printAll(system, lines(1)), /no space/);
  throws(() => printAll(system, lines(5000)), /no space/);
});
