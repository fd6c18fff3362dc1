import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { errorCode, errorText, SystemError } from '../../src/system/index.ts';

test('an error has a code, a text, and its cause when there is one', () => {
  const cause = new Error('below');
  const error = new SystemError('EIO', 'control/me: input/output error', cause);
  assert.equal(errorCode(error), 'EIO');
  assert.equal(errorText(error), 'control/me: input/output error');
  assert.equal(error.cause, cause);
  assert.equal('cause' in new SystemError('EIO', 'x'), false);
});

test('what is thrown from elsewhere has the code that it brings', () => {
  assert.throws(
    () => readFileSync('/nonexistent'),
    (error: unknown) => errorCode(error) === 'ENOENT',
  );
  assert.equal(errorCode(new Error('x')), '');
  assert.equal(errorCode(Object.assign(new Error('x'), { code: 5 })), '');
  assert.equal(errorCode('EIO'), '');
  assert.equal(errorText('odd'), 'odd');
  assert.equal(errorText(undefined), 'undefined');
});
