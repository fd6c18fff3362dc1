import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, type Descriptor, type ProgramExit, textOf } from '../../../src/system/index.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { nativeRun, startFailure } from '../../../src/system/node/run.ts';

const system = nodeSystem([]);

function temporary(text = ''): Descriptor {
  const descriptor = system.files.openTemporary();
  system.files.writeAt(descriptor, bytesOf(text), 0);
  return descriptor;
}

function contentOf(descriptor: Descriptor): string {
  const buffer = new Uint8Array(10_000);
  return textOf(buffer, 0, system.files.readAt(descriptor, buffer, 0));
}

/** Runs a shell script. */
function shell(
  script: string,
  descriptors: Readonly<Record<number, Descriptor>> = {},
  env: Readonly<Record<string, string>> = {},
  ...args: readonly string[]
): ProgramExit {
  return system.run({ program: '/bin/sh', args: ['-c', script, 'sh', ...args], descriptors, env });
}

test('a program finds each descriptor where it was put, and nothing at the others', () => {
  const [input, output, other] = [temporary('in\n'), temporary(), temporary()];
  const descriptors = { 0: input, 1: output, 6: other };
  assert.equal(shell('read line; echo "got $line"; echo six >&6; echo lost >&2', descriptors), 0);
  assert.equal(contentOf(output), 'got in\n');
  assert.equal(contentOf(other), 'six\n');
});

test('descriptors that were not named are not inherited', () => {
  const open = temporary('secret');
  assert.equal(shell(`test -e /proc/$$/fd/${open}`), 1);
  assert.equal(shell('test -e /proc/$$/fd/6', { 6: open }), 0);
});

test('exit codes are told, and a signal is none', () => {
  assert.equal(shell('exit 0'), 0);
  assert.equal(shell('exit 82'), 82);
  assert.equal(shell('kill -9 $$'), undefined);
});

test('variables are set on top of ours', () => {
  const output = temporary();
  shell('echo "$EXTRA $PATH"', { 1: output }, { EXTRA: 'caf\xc3\xa9' });
  assert.equal(contentOf(output), `caf\xc3\xa9 ${process.env['PATH']}\n`);
});

test('arguments pass as they are, except bytes that Node cannot say', () => {
  const output = temporary();
  shell('printf "%s|" "$@"', { 1: output }, {}, '-n', '', 'a b\n', 'caf\xc3\xa9');
  assert.equal(contentOf(output), '-n||a b\n|caf\xc3\xa9|');
  assert.throws(() => shell('exit 0', {}, {}, 'caf\xe9'), { code: 'EILSEQ' });
});

test('a program that cannot be started is an error that names it', () => {
  const run = (program: string) => () => system.run({ program, args: [], descriptors: {} });
  assert.throws(run('/nonexistent/program'), { code: 'ENOENT', message: /\/nonexistent\/program/ });
  assert.throws(run('/etc/passwd'), { code: 'EACCES', message: /\/etc\/passwd/ });
});

test('what Node is called with', () => {
  const native = nativeRun({ program: '/bin/x', args: ['-a'], descriptors: { 0: 7, 4: 9 }, env: { A: 'b' } });
  assert.deepEqual(native.stdio, [7, 'ignore', 'ignore', 'ignore', 9]);
  assert.equal(native.env['A'], 'b');
  assert.deepEqual([native.program, ...native.args], ['/bin/x', '-a']);
  assert.equal(nativeRun({ program: 'x', args: [], descriptors: {} }).stdio.length, 3);
});

test('a failure to start keeps its cause', () => {
  const cause = Object.assign(new Error('spawn x ENOENT'), { code: 'ENOENT' });
  const failure = startFailure('x', cause);
  assert.equal(failure.message, 'x: ENOENT');
  assert.equal(failure.cause, cause);
  assert.equal(startFailure('x', new Error('odd')).message, 'x: odd');
});
