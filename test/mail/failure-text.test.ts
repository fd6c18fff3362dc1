import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressInLine, reportLines } from '../../src/mail/failure-text.ts';

test('a report has no empty line, no control character, and ends where its text ends', () => {
  assert.deepEqual(reportLines('one\ntwo\n'), ['one', 'two']);
  assert.deepEqual(reportLines('one\r\ntwo'), ['one', 'two']);
  assert.deepEqual(reportLines('one\n\n\ntwo\n\n\n'), ['one', '/', '/', 'two']);
  assert.deepEqual(reportLines('\none\n'), ['/', 'one']);
  assert.deepEqual(reportLines('a\tb \xe9 \0\x1b[1m \x7f\n'), ['a\tb \xe9 ??[1m ?']);
  assert.deepEqual(reportLines(''), []);
  assert.deepEqual(reportLines('\n\n'), []);
});

test('long lines are broken, and a long report is cut', () => {
  const lines = reportLines('x'.repeat(2000));
  assert.equal(lines.join(''), 'x'.repeat(2000));
  assert.ok(lines.every((line) => line.length <= 900));
  const cut = reportLines('line\n'.repeat(100_000));
  assert.ok(cut.length < 1000);
  assert.equal(cut.at(-1), '(The rest of this report is left out.)');
});

test('whatever a report is, its lines are no paragraph ends', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii' }), (report) => {
      for (const line of reportLines(report)) assert.match(line, /^[\t\x20-\x7e\x80-\xff]{1,900}$/);
    }),
  );
});

test('an address cannot end its line', () => {
  assert.equal(addressInLine('a\nb\r\0\tc d@x\xff'), 'a_b___c d@x\xff');
});
