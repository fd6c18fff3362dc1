import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LocalMeans } from '../../src/local/index.ts';
import { createMessageFile } from '../../src/local/message-file.ts';
import { runUserProgram } from '../../src/local/program.ts';
import type { Answer } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { brokenBody, messageBody } from '../support/message-body.ts';
import { runProgram } from '../support/run-program.ts';

const system = nodeSystem([]);

async function run(command: string, means: Partial<LocalMeans> = {}, body = messageBody('message\n')) {
  const home = temporaryDirectory();
  const message = createMessageFile(system, body);
  const environment = { HOME: home, PATH: '/usr/bin:/bin' };
  const queue = () => assert.fail('nothing is forwarded here');
  try {
    return await runUserProgram({ command, home, environment, message }, { system, queue, ...means });
  } finally {
    message.close();
  }
}

function asText(failure: Answer | undefined): string {
  return failure === undefined ? '' : `${failure.verdict}${failure.text}`;
}

test('exit codes', async () => {
  const never = [64, 65, 70, 76, 77, 78, 100, 112];
  for (const code of [1, 2, 63, 66, 71, 75, 98, 101, 111, 113, 126, 127, 255, ...never]) {
    const { failure, stop } = await run(`exit ${code}`);
    assert.deepEqual([failure?.verdict, stop], [never.includes(code) ? 'D' : 'Z', false], String(code));
    assert.match(failure?.text ?? '', new RegExp(` ${code}\\.\n$`));
  }
  assert.deepEqual(await run('exit 0'), { output: '', stop: false });
  assert.deepEqual(await run('exit 99'), { output: '', stop: true });
});

test('the message is its input, and what it prints is kept', async () => {
  assert.deepEqual(await run('cat; echo error >&2; exit 100'), {
    output: 'message\nerror\n',
    stop: false,
    failure: { verdict: 'D', text: '' },
  });
});

test('what a command is that the shell does not know: try later', async () => {
  const { failure, output } = await run('no-such-program');
  assert.equal(failure?.verdict, 'Z');
  assert.match(output, /no-such-program.*not found/);
});

test('a crash, too long a time, too much output: try later', async () => {
  assert.match(asText((await run('kill -SEGV $$')).failure), /^Z.*SIGSEGV.*\(#4\.3\.0\)\n$/);
  const slow = await run('echo begun; sleep 1000', { programMsMax: 100 });
  assert.match(asText(slow.failure), /^Z.* 0\.1 seconds\. \(#4\.3\.0\)\n$/);
  assert.equal(slow.output, 'begun\n');
  const loud = await run('yes', { programOutputBytesMax: 1_000_000 });
  assert.match(asText(loud.failure), /^Z.*printed more.*\(#4\.3\.0\)\n$/);
});

test('much output below the limit does not hurt', async () => {
  const { failure, output } = await run('seq 1 100000');
  assert.equal(failure, undefined);
  assert.equal(output.length, 3001, 'one byte more than a report holds, so that it can be told');
});

test('a program need not read its input', async () => {
  assert.equal((await run('exit 0', {}, messageBody('x'.repeat(1_000_000)))).failure, undefined);
});

test('a message that cannot be read, a home that is gone', async () => {
  const broken = await run('exit 0', {}, brokenBody('x', 100));
  assert.match(asText(broken.failure), /^Z.*the store has lost the rest.*\(#4\.3\.0\)\n$/);
  const message = createMessageFile(system, messageBody(''));
  const call = { command: 'exit 0', home: '/nonexistent', environment: {}, message };
  const { failure } = await runUserProgram(call, { system, queue: () => assert.fail() });
  message.close();
  assert.match(asText(failure), /^Z.*no such file or directory.*\(#4\.3\.0\)\n$/);
});

test('a command that the system does not take as an argument', async () => {
  const { failure } = await run(`exit 0 # ${'x'.repeat(200_000)}`);
  assert.match(asText(failure), /^Z.*argument list too long.*\(#4\.3\.0\)\n$/);
});

test('inherited: it prints to our own descriptors, and fails without a word of ours', async () => {
  const home = temporaryDirectory();
  const args = ['joe', home, 'joe', '', '', 'ref.test', 's@x.y', '|echo out; echo error >&2; exit 100'];
  const ended = await runProgram({ program: 'qmail-local', args, stdin: 'x\n', seekable: true });
  assert.deepEqual(ended, { exit: 100, stdout: 'out\n', stderr: 'error\n' });
});
