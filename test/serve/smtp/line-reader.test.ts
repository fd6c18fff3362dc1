import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLineReader } from '../../../src/serve/smtp/line-reader.ts';
import { bytesOf } from '../../../src/system/index.ts';
import { everyText } from '../../support/every-text.ts';
import { memoryInUse } from '../../support/memory-in-use.ts';
import { inPieces } from '../../support/pieces.ts';

/** The lines of a text, fed in pieces of these sizes, and whether another has begun. */
function readLines(text: string, max: number, sizes: readonly number[] = []): readonly string[] {
  const reader = createLineReader(max);
  const found: string[] = [];
  for (const piece of inPieces(bytesOf(text), sizes)) {
    let at = 0;
    while (at < piece.length) {
      const read = reader.read(piece, at);
      if (read === undefined) break;
      ok(read.end > at);
      at = read.end;
      found.push(read.line.kind === 'line' ? `=${read.line.text}` : read.line.kind);
    }
  }
  return [...found, reader.begun ? 'begun' : 'idle'];
}

/** The same, said in another way. */
function expected(text: string, max: number): readonly string[] {
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  const found = lines.map((line) => {
    if (line.length > max + 1) return 'too-long';
    return /^[^\r\0]*\r$/.test(line) ? `=${line.slice(0, -1)}` : 'malformed';
  });
  return [...found, rest === '' ? 'idle' : 'begun'];
}

test('every text of a few letters over a CR LF NUL, whole and cut in two at every byte', () => {
  for (const text of everyText('a\r\n\0')) {
    const lines = expected(text, 3);
    deepStrictEqual(readLines(text, 3), lines, JSON.stringify(text));
    for (let cut = 1; cut < text.length; cut += 1)
      deepStrictEqual(readLines(text, 3, [cut, text.length]), lines, `${JSON.stringify(text)} at ${cut}`);
  }
});

test('any text gives the same lines, however it is cut', () => {
  const unit = fc.constantFrom('a', 'B', ' ', '\r\n', '\r', '\n', '\0', '\xff');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 60 }), fc.array(fc.nat(5)), (text, sizes) => {
      deepStrictEqual(readLines(text, 10, sizes), expected(text, 10));
    }),
  );
});

test('a line without an end takes no memory', () => {
  const reader = createLineReader(100);
  const piece = bytesOf('x'.repeat(65536));
  const before = memoryInUse().heapBytes;
  for (let round = 0; round < 1000; round += 1) strictEqual(reader.read(piece, 0), undefined);
  ok(memoryInUse().heapBytes - before < 4 * 1024 * 1024);
  deepStrictEqual(reader.read(bytesOf('\r\n'), 0)?.line, { kind: 'too-long' });
  reader.read(bytesOf('begun'), 0);
  reader.clear();
  deepStrictEqual(reader.read(bytesOf('NOOP\r\n'), 0)?.line, { kind: 'line', text: 'NOOP' });
});
