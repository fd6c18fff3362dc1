import { deepStrictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { closeVariables } from '../../build/close-variables.ts';

test('the name is overwritten where C code asks for it', () => {
  const file = Buffer.from('one\0two\0NODE_THING\0three\0', 'latin1');
  closeVariables(file, ['NODE_THING']);
  deepStrictEqual(file.toString('latin1'), 'one\0two\0=ODE_THING\0three\0');
});

test('longer names, and strings that carry their length, are left alone', () => {
  const text = 'x\0NODE_THING\0y\0NODE_THING_TOO\0\x0a\0\0\0NODE_THING\0';
  const file = Buffer.from(text, 'latin1');
  closeVariables(file, ['NODE_THING']);
  deepStrictEqual(file.toString('latin1'), text.replace('NODE_THING', '=ODE_THING'));
});

test('a name that is missing, or there twice, is another Node than the one that was looked at', () => {
  throws(() => closeVariables(Buffer.from('nothing here'), ['NODE_THING']), /nowhere/);
  throws(
    () => closeVariables(Buffer.from('abc\0NODE_THING\0abc\0NODE_THING\0'), ['NODE_THING']),
    /more than once/,
  );
});
