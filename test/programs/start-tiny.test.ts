/** src/programs/start-tiny.ts: which program a call means, and how the process ends. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { Program } from '../../src/programs/program.ts';
import { startTiny } from '../../src/programs/start-tiny.ts';
import { boxQueue } from '../../src/satellite/index.ts';
import { textOf } from '../../src/system/index.ts';
import { fakeHost } from '../support/fake-host.ts';

/** What a host sees of a start with these words. */
async function start(words: readonly string[], run: Program['run']) {
  const ended = Promise.withResolvers<unknown>();
  const { host, called } = fakeHost({
    write: [(_descriptor: number, bytes: Uint8Array) => bytes.length],
    exit: [(code: number) => ended.resolve(code)],
    arguments: words,
  });
  const manual = {
    name: 'echo',
    section: 1,
    purpose: 'x',
    synopsis: [],
    description: [],
    exitCodes: [],
  } as const;
  startTiny(host, { echo: async () => ({ manual, run }) }, { queue: boxQueue });
  const code = await ended.promise;
  const written = called
    .filter(([name]) => name === 'write')
    .map(([, , bytes]) => textOf(bytes as Uint8Array));
  return { code, written };
}

test('a link with its name, and the name as the first word, are the same call', async () => {
  const seen: (readonly string[])[] = [];
  const run: Program['run'] = async ({ args }) => {
    seen.push(args);
    return 7;
  };
  for (const words of [
    ['/usr/bin/echo', 'a', 'b'],
    ['/x/mini-qmail-tiny', 'echo', 'a', 'b'],
  ])
    strictEqual((await start(words, run)).code, 7);
  deepStrictEqual(seen, [
    ['a', 'b'],
    ['a', 'b'],
  ]);
});

test('what a program throws is said, and the exit code is that of a failure that may pass', async () => {
  const fail = async () => {
    throw new Error('no luck');
  };
  deepStrictEqual(await start(['echo'], fail), { code: 111, written: ['echo: fatal: no luck\n'] });
});
