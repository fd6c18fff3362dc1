import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { type FrameLink, type FrameLinkOptions, openFrameLink } from '../../src/process/index.ts';
import { rawFrame, type SocketPairOptions, socketPair } from '../support/socket-pair.ts';
import { until } from '../support/until.ts';

type Heard = readonly [type: number, number: number, payload: string];

interface Listening {
  readonly link: FrameLink;
  /** The bare other end. */
  readonly peer: Socket;
  readonly heard: readonly Heard[];
  /** Why the link ended, each time that it was said. */
  readonly ends: readonly (string | undefined)[];
  frames(count: number): Promise<readonly Heard[]>;
  end(): Promise<string | undefined>;
}

interface Options extends SocketPairOptions {
  readonly payloadBytesMax?: number;
  readonly onFrame?: FrameLinkOptions['onFrame'];
}

async function listen(context: TestContext, options: Options = {}): Promise<Listening> {
  const [near, peer] = await socketPair(options);
  const heard: Heard[] = [];
  const ends: (string | undefined)[] = [];
  const { payloadBytesMax, onFrame } = options;
  const link = openFrameLink(near, {
    ...(payloadBytesMax === undefined ? {} : { payloadBytesMax }),
    onFrame(frame) {
      heard.push([frame.type, frame.number, frame.payload.toString('latin1')]);
      onFrame?.(frame);
    },
    onEnd: (reason) => ends.push(reason),
  });
  peer.on('error', () => undefined);
  context.after(() => {
    link.destroy();
    peer.destroy();
  });
  return {
    link,
    peer,
    heard,
    ends,
    frames: (count) => until(`${count} frames`, () => (heard.length >= count ? heard : undefined), 5000, 1),
    async end() {
      await until('the end', () => (ends.length > 0 ? true : undefined), 5000, 1);
      return ends[0];
    },
  };
}

/** All that a socket brings until it ends. */
async function allFrom(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

test('frames arrive as they were sent, in both directions', async (context) => {
  const { link, peer } = await listen(context);
  const bytes = allFrom(peer);
  link.send(1, 7, Buffer.from('hello'));
  link.send(255, 0xffff_ffff);
  link.end();
  deepStrictEqual(
    (await bytes).toString('hex'),
    `${rawFrame(1, 7, 'hello').toString('hex')}${rawFrame(255, 0xffff_ffff).toString('hex')}`,
  );
  const other = await listen(context);
  other.peer.write(rawFrame(2, 8, 'and back'));
  deepStrictEqual(await other.frames(1), [[2, 8, 'and back']]);
});

const frame = fc.record({
  type: fc.integer({ min: 0, max: 255 }),
  number: fc.integer({ min: 0, max: 0xffff_ffff }),
  payload: fc.uint8Array({ maxLength: 60 }),
});

test('any split of the bytes brings the same frames', async (context) => {
  const { peer, link, heard, frames } = await listen(context);
  const seen: Heard[] = [];
  await fc.assert(
    fc.asyncProperty(
      fc.array(frame, { minLength: 1, maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      fc.boolean(),
      async (list, sizes, pauses) => {
        const bytes = Buffer.concat(list.map(({ type, number, payload }) => rawFrame(type, number, payload)));
        const before = heard.length;
        for (let offset = 0, piece = 0; offset < bytes.length; piece += 1) {
          const size = sizes[piece % sizes.length] ?? 1;
          peer.write(bytes.subarray(offset, offset + size));
          offset += size;
          // Each write is read by itself.
          await turn();
          if (pauses && piece % 2 === 0) link.pause();
          else link.resume();
        }
        link.resume();
        const found = (await frames(before + list.length)).slice(before);
        const wanted = list.map(
          (one): Heard => [one.type, one.number, Buffer.from(one.payload).toString('latin1')],
        );
        deepStrictEqual(found, wanted);
        seen.push(...found);
      },
    ),
    { numRuns: 60 },
  );
  deepStrictEqual(heard, seen);
});

test('a frame of the limit passes, and one byte more breaks the link before it is there', async (context) => {
  const { peer, frames, end, heard } = await listen(context, { payloadBytesMax: 10 });
  peer.write(rawFrame(1, 1, 'x'.repeat(10)));
  await frames(1);
  // The head alone: nothing is kept for what is announced.
  peer.write(rawFrame(1, 2, 'x'.repeat(11)).subarray(0, 9));
  strictEqual(await end(), 'a frame over the limit');
  strictEqual(heard.length, 1);
});

test('a frame of four gigabytes is refused by default', async (context) => {
  const { peer, end } = await listen(context);
  // What it has sent is not read to its end: that may be a reset.
  peer.on('error', () => undefined);
  const closed = new Promise((resolve) => peer.once('close', resolve));
  peer.write(Buffer.alloc(100_000, 0xff));
  strictEqual(await end(), 'a frame over the limit');
  await closed;
});

test('a peer that ends in the middle of a frame is heard to the last whole one', async (context) => {
  const { peer, end, heard, ends } = await listen(context);
  peer.end(Buffer.concat([rawFrame(1, 1, 'whole'), rawFrame(1, 2, 'not whole').subarray(0, 12)]));
  strictEqual(await end(), undefined);
  deepStrictEqual(heard, [[1, 1, 'whole']]);
  await turn();
  strictEqual(ends.length, 1);
});

test('what came before the end is brought first, also after a pause', async (context) => {
  for (const allowHalfOpen of [false, true]) {
    const listening = await listen(context, {
      allowHalfOpen,
      onFrame: ({ number }) => (number === 1 ? listening.link.pause() : undefined),
    });
    const { peer, link, frames, heard, ends, end } = listening;
    const closed = once(peer, 'close');
    peer.end(Buffer.concat([rawFrame(1, 1), rawFrame(1, 2), rawFrame(1, 3)]));
    await frames(1);
    if (!allowHalfOpen) await closed;
    for (let turns = 0; turns < 5; turns += 1) await turn();
    deepStrictEqual([heard.length, ends.length], [1, 0]);
    link.resume();
    await end();
    deepStrictEqual(
      heard.map(([, number]) => number),
      [1, 2, 3],
    );
  }
});

test('a link that may be half open answers after the peer has ended', async (context) => {
  const { peer, link, end } = await listen(context, { allowHalfOpen: true });
  const bytes = allFrom(peer);
  peer.end(rawFrame(1, 1));
  strictEqual(await end(), undefined);
  link.send(9, 9, Buffer.from('last word'));
  link.end();
  deepStrictEqual(await bytes, rawFrame(9, 9, 'last word'));
});

test('what is sent after the end, or to nobody, is dropped', async (context) => {
  const { peer, link, ends, end } = await listen(context, { allowHalfOpen: true });
  const bytes = allFrom(peer);
  link.send(1, 1);
  link.end();
  link.send(1, 2);
  deepStrictEqual(await bytes, rawFrame(1, 1));
  for (let turns = 0; turns < 5; turns += 1) await turn();
  deepStrictEqual(ends, []);
  peer.end();
  strictEqual(await end(), undefined);
  link.destroy();
  link.send(1, 3);
  link.end();
  link.resume();
  strictEqual(link.congested(), undefined);
  strictEqual(ends.length, 1);
});

test('a peer that is gone is an end with its reason, and sending does not throw', async (context) => {
  const { peer, link, end } = await listen(context);
  peer.destroy();
  await once(peer, 'close');
  for (let count = 0; count < 1000; count += 1) link.send(1, count, Buffer.alloc(1000));
  const reason = await end();
  if (reason !== undefined) match(reason, /EPIPE|ECONNRESET/);
});

test('frames of one turn go out as one write', async (context) => {
  const [near, far] = await socketPair();
  context.after(() => near.destroy());
  const write = context.mock.method(near, 'write');
  const link = openFrameLink(near, { onFrame: () => undefined, onEnd: () => undefined });
  for (let count = 0; count < 100; count += 1) link.send(1, count, Buffer.from('abc'));
  far.resume();
  await turn();
  await turn();
  strictEqual(write.mock.callCount(), 1);
});

test('whoever sends without end in one turn is told to wait, and holds little meanwhile', async (context) => {
  const { link, peer } = await listen(context);
  peer.pause();
  const payload = Buffer.alloc(100_000, 97);
  let sent = 0;
  let full: Promise<void> | undefined;
  while (full === undefined && sent < 1000) {
    link.send(1, sent, payload);
    sent += 1;
    full = link.congested();
    // No turn of the event loop goes by here.
    await undefined;
  }
  ok(sent < 30, `${sent} frames were taken from a peer that does not read`);
  let relieved = false;
  const relief = full?.then(() => {
    relieved = true;
  });
  for (let turns = 0; turns < 5; turns += 1) await turn();
  // One promise for all who wait, while nothing goes out.
  if (!relieved) ok(link.congested() !== undefined);
  let read = 0;
  peer.on('data', (chunk: Buffer) => {
    read += chunk.length;
  });
  peer.resume();
  await relief;
  await until('all of it', () => (read === sent * 100_009 ? true : undefined), 5000, 1);
});

test('who waits for a peer to read is released when the link is over', async (context) => {
  for (const how of ['destroy', 'gone'] as const) {
    const { link, peer, end } = await listen(context);
    peer.pause();
    let full = link.congested();
    for (let sent = 0; full === undefined && sent < 100; sent += 1) {
      link.send(1, sent, Buffer.alloc(200_000));
      full = link.congested();
      await turn();
    }
    ok(full !== undefined);
    if (how === 'destroy') link.destroy();
    else peer.destroy();
    await full;
    await end();
    strictEqual(link.congested(), undefined);
  }
});

test('no frame is brought during a pause, wherever it begins', async (context) => {
  const listening = await listen(context, {
    onFrame() {
      listening.link.pause();
    },
  });
  const { peer, link, heard, frames } = listening;
  peer.write(Buffer.concat([1, 2, 3, 4].map((number) => rawFrame(1, number))));
  for (const count of [1, 2, 3, 4]) {
    await frames(count);
    for (let turns = 0; turns < 3; turns += 1) await turn();
    strictEqual(heard.length, count);
    link.resume();
    link.resume();
  }
});

test('a link that is destroyed by what it heard brings nothing more', async (context) => {
  const listening = await listen(context, { onFrame: () => listening.link.destroy() });
  listening.peer.write(Buffer.concat([rawFrame(1, 1), rawFrame(1, 2)]));
  strictEqual(await listening.end(), undefined);
  deepStrictEqual(listening.heard, [[1, 1, '']]);
});

test('memory stays flat when much goes through a link whose reader is slow', async (context) => {
  const [near, far] = await socketPair();
  context.after(() => {
    near.destroy();
    far.destroy();
  });
  let readBytes = 0;
  const reader = openFrameLink(far, {
    onFrame({ payload }) {
      readBytes += payload.length;
      reader.pause();
      setImmediate(reader.resume);
    },
    onEnd: () => undefined,
  });
  const sender = openFrameLink(near, { onFrame: () => undefined, onEnd: () => undefined });
  const pieces = 600;
  let held = 0;
  for (let piece = 0; piece < pieces; piece += 1) {
    sender.send(1, piece, Buffer.alloc(250_000));
    await sender.congested();
    held = Math.max(held, (piece + 1) * 250_000 - readBytes);
  }
  await until('all of it', () => (readBytes === pieces * 250_000 ? true : undefined), 20_000, 1);
  ok(held < 4_000_000, `${held} bytes were on their way at once`);
});

test('a socket that cannot be had ends the link with the reason', async () => {
  const socket = new Socket();
  const ended = new Promise<string | undefined>((resolve) => {
    openFrameLink(socket, { onFrame: () => undefined, onEnd: resolve });
  });
  socket.connect('/nonexistent/socket');
  match((await ended) ?? '', /ENOENT/);
});
