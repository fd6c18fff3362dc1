import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runFilter } from '../../src/programs/run-filter.ts';
import type { ProgramRun, System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { memorySystem } from '../support/memory-system.ts';

/** A system whose input is given, and that runs programs for real. */
function systemWith(stdin: string): System {
  const node = nodeSystem([]);
  const { system: memory } = memorySystem({ stdin, pieces: [7] });
  return {
    ...node,
    files: {
      ...node.files,
      read: (descriptor, into) => (descriptor === 0 ? memory : node).files.read(descriptor, into),
    },
    // What the program prints is not for the test's own output.
    run: (run: ProgramRun) => node.run({ ...run, descriptors: { ...run.descriptors, 1: 2 } }),
  };
}

test('the program finds the head and the message on a file, from the first byte', () => {
  const path = `${temporaryDirectory()}/copy`;
  const message = 'Subject: x\n\n'.padEnd(200_000, 'body\n');
  const script = 'cat >"$1"; test -f /proc/self/fd/0 && exit 5';
  const ended = runFilter(systemWith(message), 'Top: y\n', ['sh', '-c', script, 'sh', path]);
  assert.deepEqual(ended, { kind: 'exited', exitCode: 5 });
  const { files } = nodeSystem([]);
  assert.equal(files.status(path).sizeBytes, 'Top: y\n'.length + message.length);
});

test('a program that reads nothing of a long message decides all the same', () => {
  const ended = runFilter(systemWith('x'.repeat(300_000)), '', ['sh', '-c', 'exit 3']);
  assert.deepEqual(ended, { kind: 'exited', exitCode: 3 });
});
