import assert from 'node:assert/strict';
import { eachBody } from '../support/bodies.ts';
import { captureQueue, temporaryHome } from '../support/home.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';

const program = 'datemail';

eachBody('sendmail, with the date in the local zone', async () => {
  const queue = captureQueue();
  const env = { QMAILHOME: temporaryHome(), QMAILQUEUE: queue.program, USER: 'joe', TZ: 'Asia/Tokyo' };
  const args = ['-f', 's@x.y', '-t', 'c@d.e'];
  const stdin = 'To: a@b.c\n\nhi\n';
  const ended = await runProgram({ main: satelliteMain, program, args, env, stdin });
  assert.deepEqual(ended, { exit: 0, stdout: '', stderr: '' });
  assert.equal(queue.envelope(), 'Fs@x.y\0Tc@d.e\0Ta@b.c\0\0');
  const message = queue.message() ?? '';
  assert.match(message, /^Date: .* \+0900$/m);
  assert.equal(message.match(/^Date:/gm)?.length, 1);
  assert.ok(message.endsWith('\n\nhi\n'), message);
});

eachBody('its exit codes are those of sendmail', async () => {
  const env = { QMAILHOME: temporaryHome() };
  assert.equal((await runProgram({ main: satelliteMain, program, env, stdin: 'hi\n' })).exit, 64);
});
