import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { namesOfInput } from '../../src/programs/names-of-input.ts';
import { memorySystem } from '../support/memory-system.ts';

function names(stdin: string, pieceBytes = 1000): readonly string[] {
  const { system } = memorySystem({ stdin, pieces: [pieceBytes] });
  return [...namesOfInput(system, 8)];
}

test('the names are the same however they come', () => {
  const whole = ['new/1', '', 'new/caf\xe9'];
  for (let pieceBytes = 1; pieceBytes < 16; pieceBytes += 1)
    deepStrictEqual(names('new/1\0\0new/caf\xe9\0', pieceBytes), whole);
  deepStrictEqual(names(''), []);
});

test('a name that is too long or not whole is none', () => {
  for (const pieceBytes of [1, 5, 1000]) {
    throws(() => names('new/12345\0', pieceBytes), /a name has more than 8 bytes/);
    throws(() => names('new/1\0new/2', pieceBytes), /the last name has no NUL behind it/);
  }
});

test('what comes behind a name is not waited for', () => {
  const { system } = memorySystem({ stdin: 'a\0b', pieces: [2] });
  strictEqual(namesOfInput(system, 8).next().value, 'a');
});
