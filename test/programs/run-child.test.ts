import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { runChild } from '../../src/programs/run-child.ts';
import { type System, SystemError } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';

const system = nodeSystem([]);

test('a program that ends, with whatever code, and one that a signal ends', () => {
  assert.deepEqual(runChild(system, ['true']), { kind: 'exited', exitCode: 0 });
  assert.deepEqual(runChild(system, ['sh', '-c', 'exit 99']), { kind: 'exited', exitCode: 99 });
  assert.deepEqual(runChild(system, ['sh', '-c', 'kill -9 $$']), { kind: 'crashed' });
});

test('a program that is not there or may not be run never will be', () => {
  const file = `${temporaryDirectory()}/data`;
  writeFileSync(file, '');
  for (const program of ['/nonexistent/program', 'no-such-program-anywhere', '', file]) {
    const ended = runChild(system, [program]);
    assert.equal(ended.kind === 'not-run' && !ended.temporary, true, program);
  }
  assert.equal(runChild(system, []).kind, 'not-run');
  chmodSync(file, 0o755);
  assert.notEqual(runChild(system, [file]).kind, 'crashed');
});

test('what the machine is short of may come back', () => {
  const short = (code: string): System => ({
    ...system,
    run: () => {
      throw new SystemError(code, `program: ${code}`);
    },
  });
  for (const code of ['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ETXTBSY', 'EIO']) {
    const problem = `unable to run program: ${code}`;
    assert.deepEqual(runChild(short(code), ['program']), { kind: 'not-run', temporary: true, problem });
  }
  for (const code of ['EACCES', 'ENOENT', 'E2BIG', 'ELOOP', 'EILSEQ']) {
    const ended = runChild(short(code), ['program']);
    assert.equal(ended.kind === 'not-run' && ended.temporary, false, code);
  }
});
