import { ok, strictEqual } from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { relay } from '../../../src/serve/popup/relay.ts';
import { bytesOf } from '../../../src/system/index.ts';
import { socketPair } from '../../support/socket-pair.ts';

const nothing = new Uint8Array(0);

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const piece of stream) text += piece.toString('latin1');
  return text;
}

test('both ways, with what was said already, to the last word', async () => {
  const [client, near] = await socketPair({ allowHalfOpen: true });
  const input = new PassThrough();
  const output = new PassThrough();
  const done = relay(near, { input, output }, bytesOf('said '), 60_000);
  const heard = textOf(client);
  const said = textOf(input);
  client.write('more');
  output.write('hello ');
  client.end(' and the end');
  strictEqual(await said, 'said more and the end');
  output.end('last words');
  strictEqual(await heard, 'hello last words');
  await done;
  client.destroy();
});

test('a client that is gone ends it, and so does a program', async () => {
  const one = await socketPair();
  const input = new PassThrough();
  const ended = relay(one[1], { input, output: new PassThrough() }, nothing, 60_000);
  one[0].destroy();
  await ended;
  ok(input.destroyed);
  const other = await socketPair();
  const output = new PassThrough();
  const over = relay(other[1], { input: new PassThrough(), output }, nothing, 60_000);
  output.destroy();
  await over;
  ok(other[1].destroyed);
  other[0].destroy();
});

test('silence of both sides ends it', async () => {
  const [client, near] = await socketPair();
  await relay(near, { input: new PassThrough(), output: new PassThrough() }, nothing, 20);
  client.destroy();
});

test('a client that does not read holds up the program, not the memory', async () => {
  const [client, near] = await socketPair();
  client.pause();
  const output = new PassThrough();
  const done = relay(near, { input: new PassThrough(), output }, nothing, 60_000);
  const piece = Buffer.alloc(65_536);
  let pieces = 0;
  while (output.write(piece) && pieces < 1000) {
    pieces += 1;
    await new Promise(setImmediate);
  }
  ok(pieces < 200, String(pieces));
  client.destroy();
  await done;
});
