import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queueNumber } from '../../src/submit/index.ts';

test('the number in an answer, wherever it stands', () => {
  assert.equal(queueNumber('ok 1794214478 qp 7'), '7');
  assert.equal(queueNumber('qp 12'), '12');
  assert.equal(queueNumber('hub 192.0.2.1: qp 3 took it'), '3');
  assert.equal(queueNumber('qp 1 and then qp 24.'), '24');
});

test('a text without a number, or with something else in its place', () => {
  for (const text of ['', 'ok', 'qp', 'qp ', 'qp x', 'xqp 7', 'qp  7', 'qp -1'])
    assert.equal(queueNumber(text), '0');
  assert.equal(queueNumber(`qp ${'1'.repeat(100)}`), '1'.repeat(20));
});
