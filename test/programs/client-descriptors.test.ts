/** src/programs/client-descriptors.ts, in programs of its own whose descriptors 6 and 7 are what a test makes them. */
import { match, strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { temporaryHome } from '../support/home.ts';
import { socketPair } from '../support/socket-pair.ts';

const source = new URL('../../src/programs/client-descriptors.ts', import.meta.url).href;

/** Says what it hears, and ends. */
const echo = `
  import { openClientDescriptors } from ${JSON.stringify(source)};
  const stream = openClientDescriptors({ env: () => 'TCP' });
  stream.once('data', (bytes) => stream.end(bytes, () => setImmediate(() => process.exit(7))));`;

const args = ['--input-type=module', '-e', echo];

test('one socket is both descriptors, as with tcpclient', async () => {
  const [near, far] = await socketPair();
  const stdio = ['ignore', 'inherit', 'inherit', 'ignore', 'ignore', 'ignore', far, far] as const;
  const child = spawn(process.execPath, args, { stdio: [...stdio] });
  far.destroy();
  near.write('hello');
  strictEqual(String((await once(near, 'data'))[0]), 'hello');
  await once(near, 'end');
  strictEqual(child.exitCode ?? (await once(child, 'exit'))[0], 7);
  near.destroy();
});

test('each is a pipe of its own, as with programs that encrypt', async () => {
  const stdio = ['ignore', 'inherit', 'inherit', 'ignore', 'ignore', 'ignore', 'pipe', 'pipe'] as const;
  const child = spawn(process.execPath, args, { stdio: [...stdio] });
  const to = child.stdio.at(6) as Writable;
  const from = child.stdio.at(7) as Readable;
  to.write('hello');
  strictEqual(String((await once(from, 'data'))[0]), 'hello');
  strictEqual(child.exitCode ?? (await once(child, 'exit'))[0], 7);
});

test('without them a program says under what it is to be run', async () => {
  const main = new URL('../../src/main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [main, 'serialsmtp', '', 'us.test'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { QMAILHOME: temporaryHome() },
  });
  const [said] = await once(child.stderr, 'data');
  match(String(said), /^serialsmtp: fatal: descriptors 6 and 7 are no connection: .*run it under tcpclient/);
  strictEqual(child.exitCode ?? (await once(child, 'exit'))[0], 111);
});
