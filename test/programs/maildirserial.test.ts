import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { captureQueue, temporaryHome } from '../support/home.ts';
import { makeMaildir } from '../support/maildir.ts';
import { bodyOf, parseQsbmf } from '../support/qsbmf.ts';
import { runProgram } from '../support/run-program.ts';

const message = 'Return-Path: <s@x.y>\nDelivered-To: pre-joe@h\nSubject: x\n\n';

const answer = (report: string) => ['xargs', '-0', '-n', '1', 'printf', `%s\\0${report}\\n`];

async function maildirserial(args: readonly string[]) {
  const queue = captureQueue();
  const env = { QMAILHOME: temporaryHome(), QMAILQUEUE: queue.program };
  return { ...(await runProgram({ program: 'maildirserial', args, env })), queue };
}

test('mail is sent by a client', async () => {
  const maildir = makeMaildir();
  maildir.put('new/1', message);
  maildir.put('new/2', message.replace('pre-', 'other-'));
  const { exit, stdout, stderr } = await maildirserial([maildir.path, 'pre-', ...answer('Kdone')]);
  assert.deepEqual([exit, stdout, stderr], [0, '', 'maildirserial: info: new/1 succeeded: done\n']);
  assert.deepEqual(readdirSync(`${maildir.path}/new`), ['2']);
});

test('what fails for good, or for now and too long, is bounced', async () => {
  for (const [option, report] of [
    ['-bt99999999999', 'Dnever'],
    ['-bt1', 'Znot now'],
  ]) {
    const maildir = makeMaildir();
    maildir.put('new/1', message);
    const { exit, queue } = await maildirserial([
      option ?? '',
      maildir.path,
      'pre-',
      ...answer(report ?? ''),
    ]);
    assert.equal(exit, 0);
    assert.equal(queue.envelope(), 'F\0Ts@x.y\0\0');
    const { recipients } = parseQsbmf(bodyOf(queue.message() ?? ''));
    assert.deepEqual(
      recipients.map(({ address }) => address),
      ['joe@h'],
    );
    assert.deepEqual(readdirSync(`${maildir.path}/new`), []);
  }
});

test('without -b it stays', async () => {
  const maildir = makeMaildir();
  maildir.put('new/1', message);
  const { exit, queue } = await maildirserial(['-t', '1', maildir.path, '', ...answer('Znot now')]);
  assert.deepEqual([exit, queue.message()], [111, null]);
  assert.deepEqual(readdirSync(`${maildir.path}/new`), ['1']);
});

test('called wrongly, or with what does not exist', async () => {
  const { path } = makeMaildir();
  for (const args of [
    [],
    [path],
    [path, ''],
    ['-x', path, '', 'true'],
    ['-t', '1h', path, '', 'true'],
    ['-t'],
  ]) {
    const { exit, stderr } = await maildirserial(args);
    assert.equal(exit, 100, JSON.stringify(args));
    assert.match(stderr, /usage: maildirserial \[-b\] \[-t LIFETIME\]/);
  }
  assert.equal((await maildirserial(['/nonexistent', '', 'true'])).exit, 111);
  const maildir = makeMaildir();
  maildir.put('new/1', message);
  const { exit, stderr } = await maildirserial([maildir.path, '', '/nonexistent/client']);
  assert.equal(exit, 111);
  assert.match(stderr, /^maildirserial: fatal: .*nonexistent\/client: ENOENT\n$/);
});
