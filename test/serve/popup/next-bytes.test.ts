import { strictEqual } from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { nextBytes } from '../../../src/serve/popup/next-bytes.ts';

const text = (bytes: Uint8Array | undefined | 'late') =>
  bytes instanceof Uint8Array ? Buffer.from(bytes).toString() : bytes;

test('pieces one by one, and the rest is left for others', async () => {
  const stream = new PassThrough();
  stream.write('one');
  strictEqual(text(await nextBytes(stream, 60_000)), 'one');
  setImmediate(() => stream.write('two'));
  strictEqual(text(await nextBytes(stream, 60_000)), 'two');
  stream.write('three');
  let rest = '';
  stream.on('data', (piece) => {
    rest += piece;
  });
  stream.end();
  await new Promise((resolve) => stream.once('end', resolve));
  strictEqual(rest, 'three');
});

test('the end, before and while it is waited for, and an error', async () => {
  const stream = new PassThrough();
  setImmediate(() => stream.end());
  strictEqual(await nextBytes(stream, 60_000), undefined);
  strictEqual(await nextBytes(stream, 60_000), undefined);
  const broken = new PassThrough();
  broken.on('error', () => undefined);
  setImmediate(() => broken.destroy(new Error('reset')));
  strictEqual(await nextBytes(broken, 60_000), undefined);
});

test('what does not come in time', async () => {
  strictEqual(await nextBytes(new PassThrough(), 5), 'late');
});
