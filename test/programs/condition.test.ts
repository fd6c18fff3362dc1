import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askProgram, type Condition } from '../../src/programs/condition.ts';
import { type ProgramExit, type System, SystemError } from '../../src/system/index.ts';
import { memorySystem } from '../support/memory-system.ts';

function ask(run: () => ProgramExit): { readonly condition: Condition; readonly said: string } {
  const { system: memory, output } = memorySystem();
  const system: System = { ...memory, run };
  return { condition: askProgram(system, 'caller', ['program']), said: output(2) };
}

function failing(code: string): () => ProgramExit {
  return () => {
    throw new SystemError(code, `program: ${code}`);
  };
}

test('0 holds, 111 is not known, everything else fails', () => {
  assert.deepEqual(
    ask(() => 0),
    { condition: 'holds', said: '' },
  );
  assert.deepEqual(
    ask(() => 111),
    {
      condition: 'unknown',
      said: 'caller: fatal: temporary child error\n',
    },
  );
  for (const code of [1, 2, 99, 100, 110, 112, 127, 255]) {
    assert.deepEqual(
      ask(() => code),
      { condition: 'fails', said: '' },
    );
  }
});

test('a program that a signal ended has not decided', () => {
  assert.deepEqual(
    ask(() => undefined),
    { condition: 'unknown', said: 'caller: fatal: child crashed\n' },
  );
});

test('one that cannot be started: for now, or at all', () => {
  assert.deepEqual(ask(failing('EAGAIN')), {
    condition: 'unknown',
    said: 'caller: fatal: unable to run program: EAGAIN\n',
  });
  assert.deepEqual(ask(failing('ENOENT')), {
    condition: 'fails',
    said: 'caller: warning: unable to run program: ENOENT\n',
  });
});
