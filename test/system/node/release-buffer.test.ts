import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { releaseBuffer } from '../../../src/system/node/release-buffer.ts';

test('a large buffer of its own is given back', () => {
  const bytes = new Uint8Array(65536);
  releaseBuffer(bytes);
  strictEqual(bytes.length, 0);
  strictEqual(bytes.buffer.byteLength, 0);
});

test('a small one, and a part of a shared one, stay', () => {
  const small = new Uint8Array(1024);
  releaseBuffer(small);
  strictEqual(small.length, 1024);
  const part = new Uint8Array(131072).subarray(0, 65536);
  releaseBuffer(part);
  strictEqual(part.length, 65536);
});
