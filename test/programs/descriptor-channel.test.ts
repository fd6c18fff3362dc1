import { strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../support/home.ts';
import { connected } from '../support/socket-pair.ts';

// What openChannel (src/programs/descriptor-channel.ts) does shows in a process of its own.
const main = fileURLToPath(new URL('../support/serve-channel.ts', import.meta.url));

/** A process whose descriptors 0 and 1 are one socket, as with tcpserver, or two pipes. */
async function start(idleMs: number, how: 'socket' | 'pipes') {
  if (how === 'pipes') {
    const child = spawn(process.execPath, [main, String(idleMs)], { stdio: 'pipe' });
    return { child, input: child.stdin, output: child.stdout };
  }
  const path = `${temporaryDirectory()}/socket`;
  const server = createServer().listen(path);
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const near = await connected(path);
  const [far] = (await accepted) as [Socket];
  server.close();
  const child = spawn(process.execPath, [main, String(idleMs)], { stdio: [far, far, 'pipe'] });
  far.destroy();
  return { child, input: near, output: near };
}

async function lastWords(child: { readonly stderr: NodeJS.ReadableStream | null }): Promise<string> {
  let text = '';
  for await (const piece of child.stderr ?? []) text += piece;
  return text;
}

for (const how of ['socket', 'pipes'] as const) {
  test(`what is said is heard, and the end of the client is the end (${how})`, async () => {
    const { child, input, output } = await start(60_000, how);
    input.write('hello\n');
    strictEqual(String((await once(output, 'data'))[0]), 'hello\n');
    input.end();
    output.resume();
    strictEqual(await lastWords(child), 'end\n');
  });

  test(`a client that is silent is left (${how})`, async () => {
    const { child, output } = await start(300, how);
    output.resume();
    strictEqual(await lastWords(child), 'over\n');
  });

  test(`a client that does not take what it asked for is left (${how})`, async () => {
    const { child, input, output } = await start(1000, how);
    output.pause();
    input.on('error', () => undefined).write('L');
    strictEqual(await lastWords(child), 'over\n');
    output.destroy();
  });
}
