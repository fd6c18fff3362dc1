import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import {
  deferral,
  reasonOf,
  rejection,
  reportBytesMax,
  success,
  withOutput,
} from '../../src/local/report.ts';

test('reports are lines', () => {
  assert.deepEqual(deferral('later (#4.3.0)'), { verdict: 'Z', text: 'later (#4.3.0)\n' });
  assert.deepEqual(rejection('never (#5.1.1)'), { verdict: 'D', text: 'never (#5.1.1)\n' });
  assert.deepEqual(success(2, 0, 1), { verdict: 'K', text: 'did 2+0+1\n' });
  assert.deepEqual(success(2, 1, 0, '7'), { verdict: 'K', text: 'did 2+1+0\nqp 7\n' });
});

test('what programs printed comes first, up to a NUL', () => {
  const answer = success(0, 0, 1);
  assert.equal(withOutput('', answer), answer);
  assert.equal(withOutput('printed\n', answer).text, 'printed\ndid 0+0+1\n');
  assert.equal(withOutput('no line end', answer).text, 'no line end\ndid 0+0+1\n');
  assert.equal(withOutput('seen\n\0not seen\n', answer).text, 'seen\ndid 0+0+1\n');
  assert.deepEqual(withOutput('why', { verdict: 'D', text: '' }), { verdict: 'D', text: 'why' });
});

test('a report is never longer than qmail-lspawn allows, and what the delivery says stays', () => {
  const answer = success(0, 0, 1);
  for (let length = reportBytesMax - 50; length < reportBytesMax + 50; length += 1) {
    const { text } = withOutput('x'.repeat(length), answer);
    assert.equal(text.length <= reportBytesMax, true, String(length));
    assert.equal(text.endsWith(answer.text), true);
    assert.equal(text.includes('Error report too long, sorry.\n'), !text.startsWith('x'.repeat(length)));
  }
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
