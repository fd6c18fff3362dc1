import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complain, print } from '../../src/programs/print.ts';
import { type System, SystemError, textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';

function recordingSystem() {
  const system = nodeSystem([]);
  const written: (readonly [descriptor: number, text: string])[] = [];
  const recording: System = {
    ...system,
    files: { ...system.files, write: (descriptor, bytes) => written.push([descriptor, textOf(bytes)]) },
  };
  return { system: recording, written };
}

test('what was asked for goes to descriptor 1, complaints to 2 with the program’s name, each in one piece', () => {
  const { system, written } = recordingSystem();
  print(system, 'yes\n');
  complain(system, 'qmail-x', 'no');
  assert.deepEqual(written, [
    [1, 'yes\n'],
    [2, 'qmail-x: no\n'],
  ]);
});

test('bytes that are no byte string go out as UTF-8', () => {
  const { system, written } = recordingSystem();
  print(system, 'café');
  assert.deepEqual(written, [[1, 'caf\xc3\xa9']]);
});

test('a complaint that nobody hears is no error; output that nobody takes is one', () => {
  const { system } = recordingSystem();
  const deaf: System = {
    ...system,
    files: {
      ...system.files,
      write() {
        throw new SystemError('EPIPE', 'broken pipe');
      },
    },
  };
  complain(deaf, 'qmail-x', 'no');
  assert.throws(() => print(deaf, 'yes\n'), { code: 'EPIPE' });
});
