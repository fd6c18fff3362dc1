import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { openSpawnedChain } from '../../../src/serve/index.ts';
import type { CheckLink } from '../../../src/serve/passwords/index.ts';
import { bytesOf } from '../../../src/system/index.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { closing, connected } from '../../support/socket-pair.ts';

const login = bytesOf('joe\0secret\0\0');

/** A chain whose qmail-pspawn is the test. */
async function start(
  context: TestContext,
  onOpen: (token: string, path: string) => void,
  connectMs = 10_000,
) {
  const path = `${temporaryDirectory()}/sessions`;
  // What a server before has left.
  writeFileSync(path, '');
  const ended = Promise.withResolvers<number | string>();
  let killed = 0;
  const link: CheckLink = {
    check: () => Promise.reject(new Error('not asked')),
    open(_login, _ip, token) {
      onOpen(token, path);
      return {
        ended: ended.promise,
        kill: () => {
          killed += 1;
        },
      };
    },
    close: () => undefined,
  };
  const chain = await openSpawnedChain({ link, path, connectMs });
  context.after(() => chain.close());
  return { chain, path, end: ended.resolve, killed: () => killed };
}

test('the connection that knows the token is the session, and no byte of it is lost', async (context) => {
  const sockets: Promise<Socket>[] = [];
  const { chain, end } = await start(context, (token, path) => {
    sockets.push(
      connected(path).then((socket) => {
        socket.write(`${token.slice(0, 5)}`);
        socket.write(`${token.slice(5)}\n+OK \r\n`);
        return socket;
      }),
    );
  });
  const session = await chain.open(login, '192.0.2.7');
  strictEqual(String((await once(session.output, 'data'))[0]), '+OK \r\n');
  session.input.write('QUIT\r\n');
  const peer = await sockets[0];
  strictEqual(String((await once(peer as Socket, 'data'))[0]), 'QUIT\r\n');
  peer?.destroy();
  session.input.destroy();
  end(0);
  strictEqual(await session.ended, 0);
});

test('who does not know the token gets nothing', async (context) => {
  const { chain, path, end } = await start(context, () => undefined);
  const opening = chain.open(login, '192.0.2.7');
  for (const words of [`${'0'.repeat(32)}\n`, 'x'.repeat(40), '\n'.repeat(33)]) {
    const stranger = await connected(path);
    stranger.write(words);
    await closing(stranger);
  }
  end(1);
  await rejects(opening, /no session was started: 1/);
});

test('a connection that says nothing is not kept, and one that does not come is not waited for', async (context) => {
  const { chain, path, killed } = await start(context, () => undefined, 50);
  const silent = await connected(path);
  await Promise.all([
    closing(silent),
    rejects(chain.open(login, '192.0.2.7'), /qmail-pspawn does not connect/),
  ]);
  deepStrictEqual(killed(), 1);
});
