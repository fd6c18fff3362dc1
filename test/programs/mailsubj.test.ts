import assert from 'node:assert/strict';
import { eachBody } from '../support/bodies.ts';
import { captureQueue, temporaryHome } from '../support/home.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';

async function mailsubj(args: readonly string[], stdin = 'text\n') {
  const queue = captureQueue();
  const env = { QMAILHOME: temporaryHome(), QMAILQUEUE: queue.program, USER: 'joe' };
  const ended = await runProgram({ main: satelliteMain, program: 'mailsubj', args, env, stdin });
  return { ...ended, message: queue.message() ?? '', envelope: queue.envelope() };
}

eachBody('subject and recipients as they are, the text below', async () => {
  const { exit, message, envelope } = await mailsubj(
    ['caf\xe9 $(id) \\n "x"', 'Some One <a@b.c>', 'd'],
    '.\nSubject: no\n',
  );
  assert.equal(exit, 0);
  assert.match(message, /^Subject: caf\xe9 \$\(id\) \\n "x"$/m);
  assert.match(message, /^To: Some One <a@b\.c>, d@ref\.test$/m);
  assert.ok(message.endsWith('\n\n.\nSubject: no\n'), message);
  assert.equal(envelope, 'Fjoe@ref.test\0Td@ref.test\0Ta@b.c\0\0');
});

eachBody('a line break in an argument begins no other field', async () => {
  const { message, envelope } = await mailsubj(['x\nBcc: evil@x.y\r\n\nbody', 'a@b.c\nBcc: evil2@x.y']);
  assert.match(message, /^Subject: x Bcc: evil@x\.y {3}body$/m);
  assert.equal(/^bcc:/im.test(message), false);
  assert.equal(envelope?.includes('Tevil@x.y'), false);
});

eachBody('called wrongly', async () => {
  const { exit, stderr, envelope } = await mailsubj([]);
  assert.deepEqual([exit, envelope], [100, null]);
  assert.match(stderr, /usage: mailsubj SUBJECT RECIPIENT/);
});
