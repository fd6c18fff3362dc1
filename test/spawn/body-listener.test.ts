import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { MessageBody } from '../../src/mail/index.ts';
import { workersMax } from '../../src/programs/qmail-lspawn.ts';
import { type BodyListener, listenBodies } from '../../src/spawn/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { brokenBody, largeBody, messageBody } from '../support/message-body.ts';
import { closing, connected, rawFrame } from '../support/socket-pair.ts';
import { until } from '../support/until.ts';

const [fetch, piece, end, failed] = [1, 2, 3, 4];

interface Listening {
  readonly bodies: BodyListener;
  readonly path: string;
  readonly log: readonly string[];
}

async function listen(context: TestContext, directory = temporaryDirectory()): Promise<Listening> {
  const log: string[] = [];
  const bodies = await listenBodies({ directory, log: (line) => log.push(line) });
  context.after(() => bodies.close());
  return { bodies, path: `${directory}/body`, log };
}

type Frame = readonly [type: number, number: number, text: string];

interface Client {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  frames(count: number): Promise<readonly Frame[]>;
}

/** A client that writes what it likes. */
async function client({ path }: Listening): Promise<Client> {
  const socket = await connected(path);
  const frames: Frame[] = [];
  let unread = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    while (unread.length >= 9 && unread.length >= 9 + unread.readUInt32BE(0)) {
      const after = 9 + unread.readUInt32BE(0);
      frames.push([unread.readUInt8(4), unread.readUInt32BE(5), unread.toString('latin1', 9, after)]);
      unread = unread.subarray(after);
    }
  });
  return {
    socket,
    closed: closing(socket),
    frames: (count) => until(`${count} frames`, () => (frames.length >= count ? frames : undefined), 5000, 1),
  };
}

// First, so that no other test's timers are stopped while time stands still.
test('a stranger who says nothing is put out after a while; one who is known is not', async (context) => {
  const mocked = context.mock.timers;
  mocked.enable({ apis: ['setTimeout'] });
  const listening = await listen(context);
  const known = await client(listening);
  known.socket.write(rawFrame(fetch, 1, listening.bodies.offer(messageBody('a')).token));
  // Timers do not tick here: what is waited for comes in turns of the event loop.
  const silent = await client(listening);
  let heard = 0;
  known.socket.on('data', (chunk: Buffer) => {
    heard += chunk.length;
  });
  while (heard < 19) await turn();
  mocked.tick(10_001);
  await silent.closed;
  strictEqual(known.socket.destroyed, false);
  known.socket.destroy();
});

test('whoever has the token gets the message', async (context) => {
  const listening = await listen(context);
  const { token } = listening.bodies.offer(messageBody('Subject: x\n\nbody\n', [3]));
  match(token, /^[0-9a-f]{32}$/);
  const { socket, frames } = await client(listening);
  socket.write(rawFrame(fetch, 7, token));
  await until('the end', async () => ((await frames(1)).some(([type]) => type === end) ? true : undefined));
  const all = await frames(1);
  deepStrictEqual(all.at(-1), [end, 7, '']);
  ok(all.slice(0, -1).every(([type, number]) => type === piece && number === 7));
  strictEqual(all.map(([, , text]) => text).join(''), 'Subject: x\n\nbody\n');
  strictEqual(statSync(listening.path).mode & 0o777, 0o666);
  socket.destroy();
});

test('an empty message is an end', async (context) => {
  const listening = await listen(context);
  const { token } = listening.bodies.offer(messageBody(''));
  const { socket, frames } = await client(listening);
  socket.write(rawFrame(fetch, 1, token));
  deepStrictEqual((await frames(1)).at(-1), [end, 1, '']);
  socket.destroy();
});

test('a token serves once, and a withdrawn one never: the one who is known is told so, and served on', async (context) => {
  const listening = await listen(context);
  const first = listening.bodies.offer(messageBody('one'));
  const second = listening.bodies.offer(messageBody('two'));
  const third = listening.bodies.offer(messageBody('three'));
  second.withdraw();
  const { socket, frames } = await client(listening);
  for (const [number, token] of [first.token, first.token, second.token, 'nonsense', third.token].entries()) {
    socket.write(rawFrame(fetch, number, token));
  }
  const over = 'this delivery is over';
  deepStrictEqual(await frames(7), [
    [piece, 0, 'one'],
    [end, 0, ''],
    [failed, 1, over],
    [failed, 2, over],
    [failed, 3, over],
    [piece, 4, 'three'],
    [end, 4, ''],
  ]);
  socket.destroy();
});

test('a stranger without a good token is put out, whatever it says', async (context) => {
  const listening = await listen(context);
  const { token, withdraw } = listening.bodies.offer(messageBody('secret'));
  const attempts = [
    rawFrame(fetch, 1, '0'.repeat(32)),
    rawFrame(fetch, 1, ''),
    rawFrame(fetch, 1, `${token.slice(0, 31)}${token.endsWith('0') ? '1' : '0'}`),
    rawFrame(fetch, 1, token.toUpperCase().replaceAll(/[0-9]/g, 'A')),
    rawFrame(piece, 1, token),
    rawFrame(99, 1, token),
    rawFrame(fetch, 1, `${token}x`),
    Buffer.alloc(9, 0xff),
    Buffer.from('GET / HTTP/1.0\r\n\r\n'),
  ];
  for (const bytes of attempts) {
    const { socket, closed } = await client(listening);
    let heard = 0;
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.length;
    });
    socket.write(bytes);
    await closed;
    strictEqual(heard, 0);
  }
  // It was worth nothing to them, and still is what it was.
  const { socket, frames } = await client(listening);
  socket.write(rawFrame(fetch, 1, token));
  deepStrictEqual((await frames(2))[0], [piece, 1, 'secret']);
  withdraw();
  socket.destroy();
});

test('one who is known and says what is no fetch is put out', async (context) => {
  const listening = await listen(context);
  const { socket, frames, closed } = await client(listening);
  socket.write(rawFrame(fetch, 1, listening.bodies.offer(messageBody('a')).token));
  await frames(2);
  socket.write(rawFrame(piece, 1, 'x'));
  await closed;
});

test('strangers who keep their connections open do not keep those with a token out', async (context) => {
  const listening = await listen(context);
  const strangers: Client[] = [];
  for (let count = 0; count < 250; count += 1) strangers.push(await client(listening));
  const { token } = listening.bodies.offer(messageBody('through'));
  const { socket, frames } = await client(listening);
  socket.write(rawFrame(fetch, 1, token));
  deepStrictEqual(await frames(2), [
    [piece, 1, 'through'],
    [end, 1, ''],
  ]);
  // The oldest made room.
  await strangers[0]?.closed;
  for (const one of [...strangers, { socket }]) one.socket.destroy();
});

test('every worker of qmail-lspawn may keep a connection, and qmail-rspawn one', async (context) => {
  const listening = await listen(context);
  const sockets: Socket[] = [];
  for (let count = 0; count <= workersMax; count += 1) {
    const { socket, frames } = await client(listening);
    socket.write(rawFrame(fetch, 1, listening.bodies.offer(messageBody('x')).token));
    await frames(2);
    sockets.push(socket);
  }
  for (const socket of sockets) socket.destroy();
});

test('what breaks off is told, and the next message comes', async (context) => {
  const listening = await listen(context);
  const { socket, frames } = await client(listening);
  socket.write(
    Buffer.concat([
      rawFrame(fetch, 1, listening.bodies.offer(brokenBody('half', 100)).token),
      rawFrame(fetch, 2, listening.bodies.offer(messageBody('next')).token),
    ]),
  );
  deepStrictEqual(await frames(4), [
    [piece, 1, 'half'],
    [failed, 1, 'the store has lost the rest'],
    [piece, 2, 'next'],
    [end, 2, ''],
  ]);
  socket.destroy();
});

/** A large message that says how many bytes of it were asked for. */
function counted(pieces: number): { readonly body: MessageBody; readonly asked: () => number } {
  const whole = largeBody(100_000, pieces);
  let asked = 0;
  return {
    asked: () => asked,
    body: {
      sizeBytes: whole.sizeBytes,
      *chunks() {
        for (const chunk of whole.chunks()) {
          asked += chunk.length;
          yield chunk;
        }
      },
    },
  };
}

test('a message is read no faster than it is fetched, and not to its end for one who is gone', async (context) => {
  const listening = await listen(context);
  const { body, asked } = counted(5000);
  const socket = await connected(listening.path);
  socket.on('error', () => undefined);
  socket.write(rawFrame(fetch, 1, listening.bodies.offer(body).token));
  await until('the first pieces', () => (asked() > 0 ? true : undefined), 5000, 1);
  // The client reads nothing: what the kernel holds and one more piece is all that is asked for.
  let before = -1;
  while (before !== asked()) {
    before = asked();
    for (let turns = 0; turns < 50; turns += 1) await turn();
  }
  ok(before < 3_000_000, `${before} bytes were read for a client that reads nothing`);
  socket.destroy();
  for (let turns = 0; turns < 50; turns += 1) await turn();
  ok(asked() < 3_000_000);
});

test('other clients have their turns while a large message goes out', async (context) => {
  const listening = await listen(context);
  const { body, asked } = counted(2000);
  const large = await connected(listening.path);
  large.on('error', () => undefined);
  // It reads as fast as it can.
  large.on('data', () => undefined);
  large.write(rawFrame(fetch, 1, listening.bodies.offer(body).token));
  await until('the first pieces', () => (asked() > 0 ? true : undefined), 5000, 1);
  const small = await client(listening);
  small.socket.write(rawFrame(fetch, 1, listening.bodies.offer(messageBody('small')).token));
  await small.frames(2);
  ok(asked() < body.sizeBytes, 'the small message waited for all of the large one');
  large.destroy();
  small.socket.destroy();
});

test('a client that asks without reading is put out before its answers fill the memory', async (context) => {
  const listening = await listen(context);
  const socket = await connected(listening.path);
  socket.on('error', () => undefined);
  const closed = closing(socket);
  const bogus = rawFrame(fetch, 9, '0'.repeat(32));
  socket.write(rawFrame(fetch, 1, listening.bodies.offer(counted(1000).body).token));
  socket.write(Buffer.concat(Array.from({ length: 20_000 }, () => bogus)));
  // Its reading end is closed with the connection; it does not have to have read a byte.
  socket.resume();
  await closed;
});

test('many fetch at once', async (context) => {
  const listening = await listen(context);
  const clients = await Promise.all(Array.from({ length: 40 }, () => client(listening)));
  await Promise.all(
    clients.map(async ({ socket, frames }, index) => {
      for (let number = 0; number < 20; number += 1) {
        socket.write(
          rawFrame(fetch, number, listening.bodies.offer(messageBody(`${index} ${number}`)).token),
        );
      }
      const texts = (await frames(40)).filter(([type]) => type === piece).map(([, , text]) => text);
      deepStrictEqual(
        texts,
        Array.from({ length: 20 }, (_, number) => `${index} ${number}`),
      );
      socket.destroy();
    }),
  );
});

test('a listener takes the place of what a dead one left, and leaves nothing when it closes', async (context) => {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/body`, 'left');
  const listening = await listen(context, directory);
  const { socket, closed } = await client(listening);
  await listening.bodies.close();
  await closed;
  socket.destroy();
  strictEqual(existsSync(listening.path), false);
  deepStrictEqual(listening.log, []);
});
