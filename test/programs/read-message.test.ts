import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMessage, readMessageAgain } from '../../src/programs/read-message.ts';
import { bytesOf, textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { memorySystem } from '../support/memory-system.ts';

const system = nodeSystem([]);

function textFrom(pieces: Iterable<Uint8Array>): string {
  let text = '';
  for (const piece of pieces) text += textOf(piece);
  return text;
}

test('all bytes come, in whatever pieces they are read', () => {
  const { system: memory } = memorySystem({ stdin: 'Subject: x\n\nbody', pieces: [1, 2, 5] });
  assert.equal(textFrom(readMessage(memory, 0)), 'Subject: x\n\nbody');
  assert.equal(textFrom(readMessage(memory, 0)), '');
});

test('a file is read from its first byte as often as wanted, wherever its descriptor stands', () => {
  const file = system.files.openTemporary();
  const message = 'line\n'.repeat(40_000);
  system.files.write(file, bytesOf(message));
  assert.equal(textFrom(readMessageAgain(system, file)), message);
  assert.equal(textFrom(readMessageAgain(system, file)), message);
  assert.equal(textFrom(readMessage(system, file)), '');
  system.files.close(file);
});

test('what cannot be read is an error with its reason', () => {
  const directory = system.files.open('/', 'read');
  for (const read of [readMessage, readMessageAgain]) {
    assert.throws(() => textFrom(read(system, directory)), {
      code: 'EISDIR',
      message: /^unable to read the message: .*EISDIR/,
    });
  }
  system.files.close(directory);
});
