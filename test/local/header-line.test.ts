import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasHeaderLine } from '../../src/local/header-line.ts';
import { bytesOf } from '../../src/system/index.ts';
import { inPieces } from '../support/pieces.ts';

const line = 'Delivered-To: joe@ref.test\n';

function found(message: string, sizes: readonly number[] = []): boolean {
  return hasHeaderLine(inPieces(bytesOf(message), sizes), bytesOf(line));
}

test('the line counts byte for byte, and in the header only', () => {
  assert.equal(found(`${line}\nbody\n`), true);
  assert.equal(found(`Subject: x\n${line}\nbody\n`), true);
  assert.equal(found(`Subject: x\n${line}`), true);
  assert.equal(found(`Subject: x\n\n${line}`), false);
  assert.equal(found(`\n${line}`), false);
  assert.equal(found(line.toLowerCase()), false);
  assert.equal(found(`${line.trimEnd()} \n`), false);
  assert.equal(found(` ${line}`), false);
  assert.equal(found('Delivered-To: joe@ref.tes\nt\n'), false);
  assert.equal(found('Subject: x\nbody without a blank line\n'), false);
  assert.equal(found(''), false);
});

test('a last line without LF does not count', () => {
  assert.equal(found(line.trimEnd()), false);
  assert.equal(found(`Subject: x\n${line.trimEnd()}`), false);
});

test('a body that is long is not read for its header', () => {
  let pulled = 0;
  function* pieces() {
    for (const text of ['Subject: x\n', '\n', 'body\n']) {
      pulled += 1;
      yield bytesOf(text);
    }
  }
  assert.equal(hasHeaderLine(pieces(), bytesOf(line)), false);
  assert.equal(pulled, 2);
});

test('the 2020 exploit of qmail-local (CVE-2005-1513): a header line without an end is counted and not kept', () => {
  const piece = new Uint8Array(65_536).fill(120);
  function* pieces() {
    for (let count = 0; count < 2_000; count += 1) yield piece;
    yield bytesOf(`\n${line}`);
  }
  const before = process.memoryUsage();
  assert.equal(hasHeaderLine(pieces(), bytesOf(line)), true);
  const after = process.memoryUsage();
  assert.ok(after.heapUsed + after.external - before.heapUsed - before.external < 16 * 1024 * 1024);
});

test('the pieces make no difference', () => {
  const whole = `Subject: x\n${line}\nbody`;
  for (let size = 1; size <= whole.length; size += 1) assert.equal(found(whole, [size]), true);
  const text = fc.array(fc.constantFrom(line, line.trimEnd(), 'Deliver', '\n', 'x', ': joe@ref.test\n'));
  fc.assert(
    fc.property(text, fc.array(fc.nat(40)), (parts, sizes) => {
      const message = parts.join('');
      const header = message.split('\n\n')[0] ?? '';
      const lines = message.startsWith('\n') ? [] : `${header}\n`.split('\n').slice(0, -1);
      const complete = message.length > header.length ? lines : lines.slice(0, -1);
      assert.equal(found(message, sizes), complete.includes(line.trimEnd()));
    }),
  );
});
