import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryHome } from '../support/home.ts';
import { runProgram } from '../support/run-program.ts';
import { openWaitingQueue } from '../support/waiting-queue.ts';

const two = {
  exit: 0,
  stdout: 'messages in queue: 2\nmessages in queue but not yet preprocessed: 0\n',
  stderr: '',
};

test('counts the messages, whether the hub runs or not', async () => {
  const { home, close } = await openWaitingQueue();
  const count = () => runProgram({ program: 'qmail-qstat', env: { QMAILHOME: home } });
  assert.deepEqual(await count(), two);
  await close();
  assert.deepEqual(await count(), two);
});

test('without a queue, and called wrongly', async () => {
  const home = temporaryHome();
  const none = await runProgram({ program: 'qmail-qstat', env: { QMAILHOME: home } });
  assert.equal(none.exit, 111);
  assert.match(none.stderr, /^qmail-qstat: fatal: .*\/queue\/store\.sqlite: there is no queue/);
  const wrong = await runProgram({ program: 'qmail-qstat', args: ['x'], env: { QMAILHOME: home } });
  assert.equal(wrong.exit, 100);
  assert.match(wrong.stderr, /usage: qmail-qstat\n/);
});
