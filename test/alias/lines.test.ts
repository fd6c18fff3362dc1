import { deepStrictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type LineSource, readLines } from '../../src/alias/lines.ts';
import { linesOf } from '../support/lines-of.ts';
import { memorySystem } from '../support/memory-system.ts';

function read(stdin: string, options: Partial<LineSource> = {}, pieces: readonly number[] = []) {
  const { system } = memorySystem({ stdin, pieces });
  const source = { descriptor: 0, name: 'list', separator: '\n', lineBytesMax: 10, ...options } as const;
  return [...readLines(system, source)];
}

test('lines, and a rest without an end', () => {
  deepStrictEqual(read(''), []);
  deepStrictEqual(read('a\n\nb'), linesOf('a\n\nb'));
  deepStrictEqual(read('a\nb\0c\0', { separator: '\0' }), linesOf('a\nb\0c\0', '\0'));
});

test('in whatever pieces the bytes come', () => {
  const text = fc
    .array(fc.constantFrom('a', '\n', '\xe9', '\0'), { maxLength: 9 })
    .map((all) => all.join(''));
  const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 6 });
  fc.assert(
    fc.property(text, sizes, (stdin, pieces) => deepStrictEqual(read(stdin, {}, pieces), linesOf(stdin))),
  );
});

test('a line that is too long is refused before it is whole', () => {
  deepStrictEqual(read(`${'x'.repeat(10)}\n`, {}, [3]).length, 1);
  throws(() => read(`${'x'.repeat(11)}\n`, {}, [3]), /list: a line has more than 10 bytes/);
  throws(() => read('x'.repeat(100_000)), { verdict: 'Z' });
  throws(() => read('x'.repeat(11), { separator: '\0' }), /an entry has more than 10 bytes/);
});
