import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMboxQuoter } from '../../src/mail/index.ts';
import { bytesOf, textOf } from '../../src/system/index.ts';
import { inPieces } from '../support/pieces.ts';

function quoted(message: string, sizes: readonly number[] = []): string {
  const quoter = createMboxQuoter();
  let result = '';
  for (const piece of inPieces(bytesOf(message), sizes)) result += textOf(quoter.feed(piece));
  return result + textOf(quoter.end());
}

/** The same by lines, with the whole message at hand. */
function quotedByLines(message: string): string {
  const ended = message === '' || message.endsWith('\n') ? message : `${message}\n`;
  const lines = ended.split('\n').map((line) => (/^>*From /.test(line) ? `>${line}` : line));
  return `${lines.join('\n')}\n`;
}

test('lines that look like the beginning of a message get one more >', () => {
  assert.equal(
    quoted('S: l\n\nFrom here\n>From there\nbody\n'),
    'S: l\n\n>From here\n>>From there\nbody\n\n',
  );
  assert.equal(quoted('From a\n'), '>From a\n\n');
  assert.equal(quoted('>>>From \n'), '>>>>From \n\n');
  assert.equal(
    quoted('From\n From x\nfrom x\nxFrom y\n> From z\nFromage\n'),
    'From\n From x\nfrom x\nxFrom y\n> From z\nFromage\n\n',
  );
});

test('a last line without LF gets one, and an empty line follows', () => {
  assert.equal(quoted('partial'), 'partial\n\n');
  assert.equal(quoted('From'), 'From\n\n');
  assert.equal(quoted('From '), '>From \n\n');
  assert.equal(quoted('>'), '>\n\n');
  assert.equal(quoted('whole\n'), 'whole\n\n');
  assert.equal(quoted(''), '\n');
});

test('a piece in which nothing was inserted is not copied', () => {
  const quoter = createMboxQuoter();
  const piece = bytesOf('Subject: x\n\nbody\n');
  assert.equal(quoter.feed(piece).buffer, piece.buffer);
});

test('a run of > of any length passes without being kept', () => {
  const quoter = createMboxQuoter();
  const run = new Uint8Array(100_000).fill(62);
  for (let times = 0; times < 3; times += 1) assert.equal(quoter.feed(run).length, run.length);
  assert.equal(textOf(quoter.feed(bytesOf('From x\n'))), '>From x\n');
});

test('the pieces make no difference', () => {
  const text = fc
    .array(fc.constantFrom('>', 'F', 'r', 'o', 'm', ' ', '\n', 'x', 'From ', '\nFrom ', '\n>From '))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.array(fc.nat(7)), (message, sizes) => {
      assert.equal(quoted(message, sizes), quotedByLines(message));
    }),
    { numRuns: 2000 },
  );
});
