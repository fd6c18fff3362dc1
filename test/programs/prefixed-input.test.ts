import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { prefixedInput } from '../../src/programs/prefixed-input.ts';
import { bytesOf, textOf } from '../../src/system/index.ts';
import { memorySystem } from '../support/memory-system.ts';

test('descriptor 0 has the prefix and then what it had, whatever the sizes of buffers', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary-ascii' }),
      fc.string({ unit: 'binary-ascii' }),
      fc.integer({ min: 1, max: 20 }),
      (prefix, stdin, readBytes) => {
        const { files } = prefixedInput(memorySystem({ stdin }).system, bytesOf(prefix));
        const buffer = new Uint8Array(readBytes);
        let text = '';
        for (let count = files.read(0, buffer); count > 0; count = files.read(0, buffer)) {
          text += textOf(buffer, 0, count);
        }
        assert.equal(text, prefix + stdin);
      },
    ),
  );
});

test('other descriptors and all else stay as they are', () => {
  const { system } = memorySystem({ files: { '/f': 'content' }, stdin: 'in', args: ['a'] });
  const prefixed = prefixedInput(system, bytesOf('prefix'));
  const file = prefixed.files.open('/f', 'read');
  const buffer = new Uint8Array(100);
  assert.equal(textOf(buffer, 0, prefixed.files.read(file, buffer)), 'content');
  assert.deepEqual(prefixed.args, ['a']);
  assert.equal(prefixed.pid, system.pid);
});
