import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryHome } from '../support/home.ts';
import { runProgram } from '../support/run-program.ts';
import { openWaitingQueue } from '../support/waiting-queue.ts';

function qread(home: string, ...args: readonly string[]) {
  return runProgram({ program: 'qmail-qread', args, env: { QMAILHOME: home } });
}

/** The numbers and sizes are the queue's own. */
function settled(output: string): string {
  return output.replaceAll(/#\d+ {2}\d+ /g, '#N  BYTES ');
}

const list = [
  '5 Nov 2026 08:44:38 GMT  #N  BYTES  <s@x.y> ',
  '\tlocal\tjoe@ref.test',
  '\tremote\tfar@elsewhere.example',
  '5 Nov 2026 08:44:38 GMT  #N  BYTES  <a/b_@x.y> ',
  '\tlocal\troot%ref.test@ref.test',
  '',
];

test('lists messages and recipients as the original does, whether the hub runs or not', async () => {
  const { home, close } = await openWaitingQueue();
  const running = await qread(home);
  assert.equal(running.stderr, '');
  assert.equal(running.exit, 0);
  assert.deepEqual(settled(running.stdout).split('\n'), list);
  await close();
  assert.deepEqual(await qread(home), running);
  writeFileSync(`${home}/control/percenthack`, 'ref.test\n');
  assert.match((await qread(home)).stdout, /\tlocal\troot@ref\.test\n$/);
});

test('with -l, what became of the attempts', async () => {
  const { home, close } = await openWaitingQueue();
  const { stdout } = await qread(home, '-l');
  await close();
  const attempt = '\t\t2 attempts, next 5 Nov 2026 08:51:18 GMT: no such route/as yet (#4.4.4)';
  assert.deepEqual(settled(stdout).split('\n'), list.toSpliced(3, 0, attempt));
});

test('without a queue, and called wrongly', async () => {
  const home = temporaryHome();
  const none = await qread(home);
  assert.equal(none.exit, 111);
  assert.match(none.stderr, /^qmail-qread: fatal: .*there is no queue/);
  assert.equal((await qread(home, '-x')).exit, 100);
  assert.equal((await qread(home, 'x')).exit, 100);
});
