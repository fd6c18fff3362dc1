import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { type RemoteRun, remoteOutputBytesMax, sendByProgram } from '../../src/remote/remote-program.ts';
import type { Answer } from '../../src/system/index.ts';
import { temporaryDirectory } from '../support/home.ts';

function script(text: string): string {
  const path = `${temporaryDirectory()}/qmail-remote`;
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

async function send(
  program: string,
  more: Partial<RemoteRun> = {},
  text = 'Subject: x\n\nbody\n',
): Promise<Answer> {
  const path = `${temporaryDirectory()}/message`;
  writeFileSync(path, text, 'latin1');
  const message = openSync(path, 'r');
  try {
    const run = { host: 'far.example', sender: 's@x', recipient: 'you@far.example' };
    return await sendByProgram({ program, ...run, message, ...more });
  } finally {
    closeSync(message);
  }
}

test('a program gets host, sender and recipient, and the message; what it says is the answer', async () => {
  const directory = temporaryDirectory();
  const program = script(
    `printf '%s|' "$@" >'${directory}/args'; cat >'${directory}/message'; printf 'r\\0Ksent\\n\\0'`,
  );
  deepStrictEqual(await send(program), { verdict: 'K', text: 'sent\n' });
  strictEqual(readFileSync(`${directory}/args`, 'latin1'), 'far.example|s@x|you@far.example|');
  strictEqual(readFileSync(`${directory}/message`, 'latin1'), 'Subject: x\n\nbody\n');
});

test('addresses are arguments as they are: empty, with spaces, with what a shell would read', async () => {
  const program = script(`printf 'K%s|%s|%s\\0' "$@"`);
  const odd = { sender: '', recipient: '$(id) `id` "x"@far.example' };
  deepStrictEqual((await send(program, odd)).text, `far.example||${odd.recipient}`);
});

test('a message need not be read, and may be of any size', async () => {
  const program = script(`printf 'Ddo not want\\0'`);
  deepStrictEqual(await send(program, {}, 'x'.repeat(5_000_000)), { verdict: 'D', text: 'do not want' });
});

test('what it says on descriptor 2 is no report', async () => {
  deepStrictEqual(await send(script(`echo 'Dno' >&2; printf 'Kyes\\0'`)), { verdict: 'K', text: 'yes' });
});

test('how it ends decides', async () => {
  strictEqual((await send(script(`printf 'Kyes\\0'; exit 111`))).verdict, 'Z');
  strictEqual((await send(script(`printf 'Kyes\\0'; exit 100`))).verdict, 'D');
  deepStrictEqual(await send(script(`printf 'Kyes\\0'; kill -9 $$`)), {
    verdict: 'Z',
    text: 'qmail-remote crashed.\n',
  });
});

test('a program that is not there, or cannot be run, is Z and named', async () => {
  const { verdict, text } = await send('/nonexistent/qmail-remote');
  strictEqual(verdict, 'Z');
  match(text, /^Unable to run \/nonexistent\/qmail-remote: there is no such program\. \(#4\.3\.0\)\n$/);
  const plain = `${temporaryDirectory()}/plain`;
  writeFileSync(plain, 'Kyes\0', { mode: 0o644 });
  match((await send(plain)).text, /^Unable to run .*: .*EACCES/);
});

test('what cannot be an argument is Z, and no exception', async () => {
  const program = script('exit 0');
  match((await send(program, { sender: 'a\0b' })).text, /^Unable to run /);
  match((await send(program, { recipient: `${'x'.repeat(3_000_000)}@b` })).text, /^Unable to run .*E2BIG/);
});

test('a program that never ends is ended', async () => {
  deepStrictEqual(await send(script('exec sleep 600'), { runMsMax: 50 }), {
    verdict: 'Z',
    text: 'qmail-remote crashed.\n',
  });
});

test('a process that it leaves behind does not keep the answer', async () => {
  const directory = temporaryDirectory();
  const program = script(`sleep 600 & echo $! >'${directory}/pid'; printf 'Ksent\\0'`);
  try {
    deepStrictEqual(await send(program, { lastWordsMs: 50 }), { verdict: 'K', text: 'sent' });
  } finally {
    process.kill(Number(readFileSync(`${directory}/pid`, 'latin1')));
  }
});

test('of a report without end only so much is kept', async () => {
  const { verdict, text } = await send(
    script(`printf 'Kstart'; head -c 3000000 /dev/zero | tr '\\0' x; printf '\\0'`),
  );
  // Its end was dropped.
  strictEqual(verdict, 'Z');
  const long = await send(script(`printf 'Ksent\\0'; head -c 3000000 /dev/zero`));
  deepStrictEqual(long, { verdict: 'K', text: 'sent' });
  ok(text.length < remoteOutputBytesMax);
});

test('many run at once', async () => {
  const program = script(`printf 'K%s\\0' "$3"`);
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) => send(program, { recipient: `${index}@b` })),
  );
  deepStrictEqual(
    answers.map(({ text }) => text),
    Array.from({ length: 40 }, (_, index) => `${index}@b`),
  );
});
