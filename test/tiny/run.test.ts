/** src/tiny/run.ts: other programs, with the descriptors and the environment that they are given. */
import { deepStrictEqual, match, strictEqual, throws } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory } from '../support/home.ts';
import { openTinyBody, type TinyBody, tinyMissing } from '../support/tiny-body.ts';

const skip = tinyMissing;

/** Runs a shell script with an output of its own: how it ended, and what it printed. */
function shell({ call }: TinyBody, script: string, more: object = {}, args: readonly string[] = []) {
  const output = call('openTemporary') as number;
  const run = {
    program: '/bin/sh',
    args: ['-c', script, 'sh', ...args],
    descriptors: { 1: output },
    ...more,
  };
  const exit = call('run', run);
  const { bytes } = call('readAt', output, 10_000, 0) as { bytes: string };
  return { exit, printed: bytes };
}

test('a program finds each descriptor where it was put, and nothing at the others', {
  skip,
}, async (context) => {
  const body = await openTinyBody(context);
  const [input, output, other] = [0, 1, 2].map(() => body.call('openTemporary') as number);
  body.call('writeAt', input, 'in\n', 0);
  // Each lies where another is to go.
  const descriptors = { 0: input, [input ?? 0]: output, [output ?? 0]: other, 1: output, 6: other };
  const script = `read line; echo "got $line"; echo six >&6; echo lost >&2; echo up >&${input}; echo on >&${output}`;
  strictEqual(shell(body, script, { descriptors }).exit, 0);
  deepStrictEqual(body.call('readAt', output, 100, 0), { bytes: 'got in\nup\n' });
  deepStrictEqual(body.call('readAt', other, 100, 0), { bytes: 'six\non\n' });
});

test('descriptors that were not named are not inherited, whoever opened them', { skip }, async (context) => {
  const body = await openTinyBody(context);
  const { printed } = shell(body, 'ls /proc/self/fd');
  // The last one is the directory that ls reads.
  deepStrictEqual(printed.trim().split('\n'), ['0', '1', '2', '3']);
});

test('exit codes are told, and a signal is none', { skip }, async (context) => {
  const body = await openTinyBody(context);
  const exits = ['exit 0', 'exit 82', 'kill -9 $$'].map((script) => shell(body, script).exit);
  deepStrictEqual(exits, [0, 82, undefined]);
});

test('a program is not deaf to broken pipes because we are', { skip }, async (context) => {
  const body = await openTinyBody(context);
  match(shell(body, 'grep SigIgn /proc/self/status').printed, /SigIgn:\s*0+\n/);
});

test('variables are set on top of ours, and arguments pass as they are', { skip }, async (context) => {
  const body = await openTinyBody(context, { env: { PATH: '/bin:/usr/bin', EXTRA: 'old', EXTRAS: 'kept' } });
  const env = { EXTRA: 'caf\xe9' };
  strictEqual(shell(body, 'echo "$EXTRA $EXTRAS $PATH"', { env }).printed, 'caf\xe9 kept /bin:/usr/bin\n');
  const args = ['-n', '', 'a b\n', 'caf\xe9'];
  strictEqual(shell(body, 'printf "%s|" "$@"', {}, args).printed, '-n||a b\n|caf\xe9|');
});

test('a program that cannot be started is an error that names it; no path is searched', {
  skip,
}, async (context) => {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/program`, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  const { call } = await openTinyBody(context, { env: { PATH: directory } });
  const run = (program: string) => () => call('run', { program, args: [], descriptors: {} });
  throws(run('/nonexistent/program'), { code: 'ENOENT', message: /\/nonexistent\/program/ });
  throws(run('/etc/passwd'), { code: 'EACCES', message: /\/etc\/passwd/ });
  throws(run('program'), { code: 'ENOENT' });
  throws(run('/bin/a\0b'), /NUL/);
  strictEqual(run(`${directory}/program`)(), 0);
});
