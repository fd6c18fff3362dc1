import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOfQueueExit, queueExit } from '../../src/mail/index.ts';

test('0 is taken, 11 to 40 and 115 are for good, everything else may pass', () => {
  for (let exitCode = 0; exitCode < 256; exitCode += 1) {
    const { verdict, text } = answerOfQueueExit(exitCode);
    const permanent = (exitCode >= 11 && exitCode <= 40) || exitCode === 115;
    assert.equal(verdict, exitCode === 0 ? 'K' : permanent ? 'D' : 'Z', `exit code ${exitCode}`);
    if (exitCode !== 0) assert.match(text, verdict === 'D' ? /\(#5\.\d\.\d\)$/ : /\(#4\.\d\.\d\)$/);
  }
});

test('the enhanced codes that say more than that', () => {
  const codes: Readonly<Record<number, string>> = {
    [queueExit.addressTooLong]: '#5.1.3',
    115: '#5.1.3',
    [queueExit.rejected]: '#5.3.0',
    [queueExit.serverTemporary]: '#4.3.0',
    [queueExit.connectTimeout]: '#4.4.1',
    [queueExit.connectRefused]: '#4.4.1',
    [queueExit.communication]: '#4.4.2',
  };
  for (const [exitCode, code] of Object.entries(codes)) {
    assert.equal(answerOfQueueExit(Number(exitCode)).text.includes(`(${code})`), true, exitCode);
  }
});

test('a program that a signal ended has taken nothing', () => {
  assert.deepEqual(answerOfQueueExit(undefined), { verdict: 'Z', text: 'qq crashed (#4.3.0)' });
  assert.equal(answerOfQueueExit(undefined, 'Dno way').verdict, 'Z');
});

test('with 82, the program’s own text counts when it begins with D or Z and says something', () => {
  assert.deepEqual(answerOfQueueExit(82, 'Dno (#5.7.1)'), { verdict: 'D', text: 'no (#5.7.1)' });
  assert.deepEqual(answerOfQueueExit(82, 'Zlater'), { verdict: 'Z', text: 'later' });
  for (const custom of ['', 'D', 'Z', 'Dx', 'Kfine', 'no']) {
    assert.deepEqual(answerOfQueueExit(82, custom), { verdict: 'Z', text: 'qq temporary problem (#4.3.0)' });
  }
  assert.equal(answerOfQueueExit(82, `D${'x'.repeat(1000)}`).text.length, 254);
});

test('with any other code the text means nothing', () => {
  assert.equal(answerOfQueueExit(53, 'Dno way').verdict, 'Z');
  assert.equal(answerOfQueueExit(31, 'Zlater').verdict, 'D');
  assert.deepEqual(answerOfQueueExit(0, 'Dno way'), { verdict: 'K', text: '' });
});
