import { ok, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { joined } from '../../src/process/index.ts';

function pair() {
  const input = new PassThrough();
  const output = new PassThrough().setEncoding('latin1');
  return { input, output, both: joined(input, output).setEncoding('latin1') };
}

test('what comes in is read, what is written goes out, and either end is told', async () => {
  const { input, output, both } = pair();
  both.write('to\r\n');
  strictEqual((await once(output, 'data'))[0], 'to\r\n');
  let heard = '';
  both.on('data', (text) => {
    heard += text;
  });
  const ended = once(both, 'end');
  const closed = once(both, 'close');
  input.end('from\r\n');
  await ended;
  strictEqual(heard, 'from\r\n');
  both.end();
  await closed;
  strictEqual(output.writableEnded, false);
});

test('no more is read ahead than there is room for', async () => {
  const { input, both } = pair();
  const piece = Buffer.alloc(64 * 1024);
  for (let count = 0; count < 100; count += 1) input.write(piece);
  await new Promise(setImmediate);
  ok(both.readableLength <= 2 * piece.length);
  ok(input.readableLength + input.writableLength > 90 * piece.length);
  both.destroy();
  strictEqual(input.destroyed, true);
});

test('an input that breaks is an end, and an output that breaks is the end of both', async () => {
  const broken = pair();
  broken.both.resume();
  broken.input.destroy(new Error('ECONNRESET'));
  await once(broken.both, 'end');
  const deaf = pair();
  deaf.output.destroy(new Error('EPIPE'));
  await once(deaf.both, 'close');
});
