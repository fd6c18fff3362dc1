import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  createSerialReportParser,
  type SerialReport,
  serialNameBytesMax,
  serialTextBytesMax,
} from '../../src/programs/serial-report.ts';
import { bytesOf } from '../../src/system/index.ts';
import { inPieces } from '../support/pieces.ts';

function parse(text: string, sizes: readonly number[] = []): readonly SerialReport[] | undefined {
  const parser = createSerialReportParser();
  const all: SerialReport[] = [];
  for (const piece of inPieces(bytesOf(text), sizes)) {
    const reports = parser.feed(piece);
    if (reports === undefined) return undefined;
    all.push(...reports);
  }
  return all;
}

test('reports are read as they come, each with its letter', () => {
  const text = 'new/1\0Kok 1 qp 2\ncur/2:2,S\0Dno such user\nnew/3\0Zlater\nnew/4\0xwhat\nnew/5\0\n';
  assert.deepEqual(parse(text), [
    { name: 'new/1', verdict: 'K', text: 'ok 1 qp 2' },
    { name: 'cur/2:2,S', verdict: 'D', text: 'no such user' },
    { name: 'new/3', verdict: 'Z', text: 'later' },
    { name: 'new/4', verdict: 'Z', text: 'what' },
    { name: 'new/5', verdict: 'Z', text: '' },
  ]);
});

test('what is not complete is no report', () => {
  for (const text of ['', 'new/1', 'new/1\0', 'new/1\0K', 'new/1\0Kok']) assert.deepEqual(parse(text), []);
});

test('the pieces make no difference', () => {
  const text = 'new/1\0Kok\n\0K\nnew/\xff\0Zlater\nnew/3\0D';
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 })), (sizes) => {
      assert.deepEqual(parse(text, sizes), parse(text));
    }),
  );
});

test('a long text is cut, and a name without end is no report', () => {
  const long = 'x'.repeat(100_000);
  for (const sizes of [[], [1000]]) {
    const [report] = parse(`new/1\0K${long}\n`, sizes) ?? [];
    assert.deepEqual(report, { name: 'new/1', verdict: 'K', text: 'x'.repeat(serialTextBytesMax) });
    assert.equal(parse(long, sizes), undefined);
    assert.equal(parse(`${'n'.repeat(serialNameBytesMax)}\0K\n`, sizes)?.length, 1);
    assert.equal(parse(`${'n'.repeat(serialNameBytesMax + 1)}\0K\n`, sizes), undefined);
  }
});
