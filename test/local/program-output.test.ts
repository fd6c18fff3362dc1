import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fstatSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { openProgramOutput, type ProgramOutput } from '../../src/local/program-output.ts';

function print(output: ProgramOutput, command: string): ChildProcess {
  const child = spawn('/bin/sh', ['-c', command], {
    stdio: ['ignore', output.descriptor, output.descriptor],
  });
  output.started();
  return child;
}

/** What is left of it in the end. */
async function printed(command: string, keptBytesMax = 1000, bytesMax = 1e9): Promise<string> {
  const output = await openProgramOutput(keptBytesMax, bytesMax);
  await once(print(output, command), 'exit');
  const text = output.finish();
  output.close();
  return text;
}

test('both descriptors, in the order of what is printed', async () => {
  assert.equal(await printed('echo one; echo two >&2; echo three'), 'one\ntwo\nthree\n');
  assert.equal(await printed('exit 1'), '');
});

test('a command can open its output again, which it cannot when that is a socket', async () => {
  assert.equal(await printed('echo one >/dev/stderr; echo two | tee /dev/stdout'), 'one\ntwo\ntwo\n');
});

test('it is a FIFO that has no name any more', async () => {
  const before = readdirSync(tmpdir());
  const output = await openProgramOutput(10, 10);
  assert.equal(fstatSync(output.descriptor).isFIFO(), true);
  output.close();
  const left = readdirSync(tmpdir()).filter(
    (name) => name.startsWith('mini-qmail-') && !before.includes(name),
  );
  // Other tests make directories of their own meanwhile; none of them holds a FIFO of ours.
  for (const name of left) assert.equal(name.includes('output'), false);
});

test('what is printed beyond what is kept is read and dropped', async () => {
  assert.equal(await printed('seq 1 100000', 10), '1\n2\n3\n4\n5\n');
});

test('more than a limit is told at once', async () => {
  const output = await openProgramOutput(10, 1_000_000);
  const child = print(output, 'yes');
  await output.flood;
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(output.finish(), 'y\ny\ny\ny\ny\n');
  output.close();
});

test('who prints on in the background is not waited for, and does not print into the next', async () => {
  const output = await openProgramOutput(1000, 1e9);
  // SIGPIPE ends it when nobody reads any more.
  const child = print(output, 'echo first; while echo late; do :; done &');
  await once(child, 'exit');
  assert.match(output.finish(), /^first\n/);
  output.close();
  for (let next = 0; next < 3; next += 1) assert.equal(await printed('echo next'), 'next\n');
});

test('many at the same time', async () => {
  const numbers = Array.from({ length: 20 }, (_, index) => index);
  const texts = await Promise.all(numbers.map((number) => printed(`echo ${number}`)));
  assert.deepEqual(
    texts,
    numbers.map((number) => `${number}\n`),
  );
});
