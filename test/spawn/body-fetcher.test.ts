import { deepStrictEqual, match, ok, rejects, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import {
  type BodyFetcher,
  createBodyFetcher,
  type FetchedBody,
  listenBodies,
} from '../../src/spawn/index.ts';
import { type System, SystemError, textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { memoryInUse } from '../support/memory-in-use.ts';
import { brokenBody, largeBody, messageBody } from '../support/message-body.ts';
import { rawFrame } from '../support/socket-pair.ts';
import { until } from '../support/until.ts';

const [piece, end, failed] = [2, 3, 4];

const system = nodeSystem([]);
const token = '0'.repeat(32);

function textOfBody(body: FetchedBody): string {
  let text = '';
  for (const chunk of body.chunks()) text += textOf(chunk);
  return text;
}

function fetcherFor(context: TestContext, directory: string, its: System = system): BodyFetcher {
  const fetcher = createBodyFetcher(its, directory);
  context.after(() => fetcher.close());
  return fetcher;
}

interface Scripted {
  readonly directory: string;
  readonly sockets: readonly Socket[];
  socket(count: number): Promise<Socket>;
}

/** A qmail-send that does what a test says to a connection. */
async function scripted(context: TestContext, serve: (socket: Socket) => void): Promise<Scripted> {
  const directory = temporaryDirectory();
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    serve(socket);
  }).listen(`${directory}/body`);
  await once(server, 'listening');
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    directory,
    sockets,
    socket: (count) => until(`connection ${count}`, () => sockets[count - 1], 5000, 1),
  };
}

test('messages small and large arrive whole, many at a time, and can be read twice', async (context) => {
  const directory = temporaryDirectory();
  const bodies = await listenBodies({ directory, log: () => undefined });
  context.after(() => bodies.close());
  const fetcher = fetcherFor(context, directory);
  const texts = ['', 'short\n', 'x'.repeat(65_536), 'y'.repeat(65_537), 'z'.repeat(700_000)];
  const all = [...texts, ...texts, ...texts];
  const fetched = await Promise.all(
    all.map((text) => fetcher.fetch(bodies.offer(messageBody(text, [100_000])).token, text.length)),
  );
  for (const [index, body] of fetched.entries()) {
    strictEqual(body.sizeBytes, all[index]?.length);
    strictEqual(textOfBody(body), all[index]);
    strictEqual(textOfBody(body), all[index]);
    const into = new Uint8Array(10);
    const count = system.files.read(body.descriptor(), into);
    strictEqual(textOf(into.subarray(0, count)), all[index]?.slice(0, 10));
    body.release();
  }
});

test('a long message is no longer in memory than in pieces', async (context) => {
  const directory = temporaryDirectory();
  const bodies = await listenBodies({ directory, log: () => undefined });
  context.after(() => bodies.close());
  const fetcher = fetcherFor(context, directory);
  const large = largeBody(200_000, 1000);
  const heldBytes = () => memoryInUse().arrayBufferBytes;
  const before = heldBytes();
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, heldBytes());
  }, 20);
  const body = await fetcher.fetch(bodies.offer(large).token, large.sizeBytes);
  clearInterval(watch);
  strictEqual(body.sizeBytes, 200_000_000);
  body.release();
  // Memory that is free is given back in the background.
  ok(most - before < large.sizeBytes / 2, `${most - before} bytes`);
});

test('without qmail-send it fails, and says so; and works when qmail-send is there again', async (context) => {
  const directory = temporaryDirectory();
  const fetcher = fetcherFor(context, directory);
  const offline = /^Error: unable to fetch the message from qmail-send: .*(ENOENT|ECONNREFUSED)/;
  await rejects(fetcher.fetch(token, 1), offline);
  for (const text of ['first', 'second']) {
    const bodies = await listenBodies({ directory, log: () => undefined });
    const body = await fetcher.fetch(bodies.offer(messageBody(text)).token, text.length);
    strictEqual(textOfBody(body), text);
    body.release();
    await bodies.close();
    await until('the loss', async () => {
      const found = await fetcher.fetch(token, 1).catch(String);
      return typeof found === 'string' && offline.test(found) ? true : undefined;
    });
  }
});

test('a delivery that is over, and a message that breaks off, are told in the words of qmail-send', async (context) => {
  const directory = temporaryDirectory();
  const bodies = await listenBodies({ directory, log: () => undefined });
  context.after(() => bodies.close());
  const fetcher = fetcherFor(context, directory);
  const good = bodies.offer(messageBody('good'));
  (await fetcher.fetch(good.token, 4)).release();
  await rejects(fetcher.fetch(good.token, 4), { message: /this delivery is over$/ });
  await rejects(fetcher.fetch(bodies.offer(brokenBody('half', 100)).token, 100), {
    message: /the store has lost the rest$/,
  });
  await rejects(fetcher.fetch(bodies.offer(messageBody('four')).token, 5), { message: /4 of 5 bytes came$/ });
  await rejects(fetcher.fetch(bodies.offer(messageBody('four')).token, 3), {
    message: /longer than it should/,
  });
  (await fetcher.fetch(bodies.offer(messageBody('four')).token, 4)).release();
});

test('a connection that is lost at any moment fails all that are on their way, and the next fetch gets another', async (context) => {
  const frames = Buffer.concat([rawFrame(piece, 1, 'abc'), rawFrame(piece, 1, 'def'), rawFrame(end, 1)]);
  for (let length = 0; length < frames.length; length += 5) {
    const hub = await scripted(context, (socket) => {
      const first = hub.sockets.length === 1;
      socket.once('data', () => socket.end(first ? frames.subarray(0, length) : rawFrame(failed, 3, 'new')));
    });
    const fetcher = fetcherFor(context, hub.directory);
    const ways = await Promise.allSettled([fetcher.fetch(token, 6), fetcher.fetch(token, 6)]);
    for (const way of ways) {
      strictEqual(way.status, 'rejected');
      match(String(way.status === 'rejected' && way.reason), /it has closed the connection$/);
    }
    await rejects(fetcher.fetch(token, 6), { message: /qmail-send: new$/ });
  }
});

test('what was not asked for is dropped', async (context) => {
  const hub = await scripted(context, (socket) => {
    socket.once('data', () =>
      socket.write(
        Buffer.concat([
          rawFrame(piece, 77, 'whose?'),
          rawFrame(end, 77),
          rawFrame(failed, 0xffff_ffff, 'x'),
          rawFrame(piece, 1, 'ab'),
          rawFrame(end, 1),
          rawFrame(end, 1),
          rawFrame(piece, 1, 'more'),
        ]),
      ),
    );
  });
  const body = await fetcherFor(context, hub.directory).fetch(token, 2);
  strictEqual(textOfBody(body), 'ab');
  body.release();
});

test('a disk without room fails the one message and frees what it had', async (context) => {
  const directory = temporaryDirectory();
  const bodies = await listenBodies({ directory, log: () => undefined });
  context.after(() => bodies.close());
  const closed: number[] = [];
  const full: System = {
    ...system,
    files: {
      ...system.files,
      writeAt() {
        throw new SystemError('ENOSPC', 'ENOSPC: no space left');
      },
      close(descriptor) {
        closed.push(descriptor);
        system.files.close(descriptor);
      },
    },
  };
  const fetcher = fetcherFor(context, directory, full);
  const large = largeBody(100_000, 30);
  await rejects(fetcher.fetch(bodies.offer(large).token, large.sizeBytes), {
    message: /no room for it: .*ENOSPC/,
  });
  strictEqual(closed.length, 1);
  // A small one needs no file, and comes over the same connection.
  const small = await fetcher.fetch(bodies.offer(messageBody('small')).token, 5);
  deepStrictEqual(textOfBody(small), 'small');
  small.release();
});

test('closing gives up what is on its way', async (context) => {
  const hub = await scripted(context, () => undefined);
  const fetcher = fetcherFor(context, hub.directory);
  const one = fetcher.fetch(token, 1);
  await hub.socket(1);
  fetcher.close();
  await rejects(one, { message: /closed the connection/ });
});
