import { rejects, strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { lstatSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { bytesOf, type LocalListener, type LocalPlace, textOf } from '../../../src/system/index.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { temporaryDirectory } from '../../support/home.ts';

const { network } = nodeSystem([]);

async function listen(context: TestContext, place: LocalPlace): Promise<LocalListener> {
  const listener = await network.listenLocal(place);
  context.after(() => listener.close());
  return listener;
}

test('connections are accepted one after another, and speak both ways', async (context) => {
  const path = `${temporaryDirectory()}/socket`;
  writeFileSync(path, 'what a dead process left');
  const listener = await listen(context, { path, mode: 0o666 });
  strictEqual(lstatSync(path).mode & 0o7777, 0o666);
  const clients = [await network.connectLocal(path, 1000), await network.connectLocal(path, 1000)];
  for (const [index, client] of clients.entries()) {
    const server = await listener.accept(1000);
    if (server === undefined) throw new Error('nobody');
    await server.write(bytesOf(`hello ${index}`), 1000);
    strictEqual(textOf((await client.read(1000)) ?? new Uint8Array(0)), `hello ${index}`);
    await client.write(bytesOf('and you'), 1000);
    strictEqual(textOf((await server.read(1000)) ?? new Uint8Array(0)), 'and you');
    client.close();
    strictEqual(await server.read(1000), undefined);
    server.close();
  }
});

test('without a connection the wait ends, and one that comes during the wait is accepted', async (context) => {
  const path = `${temporaryDirectory()}/socket`;
  const listener = await listen(context, { path, mode: 0o600 });
  strictEqual(await listener.accept(1), undefined);
  const accepted = listener.accept(10_000);
  const client = await network.connectLocal(path, 1000);
  const server = await accepted;
  server?.close();
  client.close();
  strictEqual(server === undefined, false);
});

test('a socket that listens already is taken over', async (context) => {
  const path = `${temporaryDirectory()}/socket`;
  const parent = createServer();
  await new Promise<void>((resolve) => {
    parent.listen(path, resolve);
  });
  context.after(() => parent.close());
  const handle: unknown = Reflect.get(parent, '_handle');
  const descriptor = Number(handle instanceof Object ? Reflect.get(handle, 'fd') : -1);
  // As a program finds it that is started on demand: the parent does not accept.
  const script = `
    import { nodeSystem } from '${new URL('../../../src/system/node/index.ts', import.meta.url)}';
    const { network } = nodeSystem([]);
    const listener = await network.listenLocal({ descriptor: 3 });
    const stream = await listener.accept(10000);
    await stream.write(new Uint8Array([111, 107]), 1000);
    process.exit(0);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'inherit', 'inherit', descriptor],
  });
  context.after(() => child.kill());
  // Closing would remove the path, and the parent would accept if it did not.
  renameSync(path, `${path}.kept`);
  parent.close();
  const client = await network.connectLocal(`${path}.kept`, 1000);
  strictEqual(textOf((await client.read(10_000)) ?? new Uint8Array(0)), 'ok');
  client.close();
});

test('a place where no socket can be made', async () => {
  await rejects(network.listenLocal({ path: `${temporaryDirectory()}/missing/socket`, mode: 0o600 }));
  await rejects(network.listenLocal({ descriptor: 999 }));
});

test('what waits when it closes is closed', async () => {
  const path = `${temporaryDirectory()}/socket`;
  const listener = await network.listenLocal({ path, mode: 0o600 });
  const client = await network.connectLocal(path, 1000);
  await rejects(client.read(30), { code: 'ETIMEDOUT' });
  listener.close();
  strictEqual(await client.read(1000), undefined);
});
