import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { deferral, reasonOf, rejection, success } from '../../src/local/report.ts';

test('reports are lines', () => {
  assert.deepEqual(deferral('later (#4.3.0)'), { verdict: 'Z', text: 'later (#4.3.0)\n' });
  assert.deepEqual(rejection('never (#5.1.1)'), { verdict: 'D', text: 'never (#5.1.1)\n' });
  assert.deepEqual(success(2, 1, 0), { verdict: 'K', text: 'did 2+1+0\n' });
});

test('a reason is the C library’s, without the path', () => {
  try {
    statSync('/nonexistent/file');
    assert.fail('it exists');
  } catch (error) {
    assert.equal(reasonOf(error), 'no such file or directory');
  }
  assert.equal(reasonOf(new Error('the store is closed')), 'the store is closed');
  assert.equal(reasonOf('odd'), 'odd');
});
