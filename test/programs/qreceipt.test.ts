import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runFromDelivery } from '../support/delivery.ts';
import { captureQueue } from '../support/home.ts';

const program = 'qreceipt';
const args = ['joe@ref.test'];
const stdin = 'Message-ID: <1@x>\nNotice-Requested-Upon-Delivery-To: joe@ref.test\n\nbody\n';

test('a notice goes to the sender, from nobody', async () => {
  const ended = await runFromDelivery({ program, args, stdin });
  assert.deepEqual([ended.exit, ended.stdout, ended.stderr], [0, '', '']);
  assert.equal(ended.envelope, 'F\0Ts@x.y\0\0');
  assert.equal(
    ended.message,
    'From: DELIVERY NOTICE SYSTEM <s@x.y>\nTo: <s@x.y>\nSubject: success notice\n\n' +
      'This is the qreceipt program. You asked to be told when your message is\n' +
      'delivered: it was, to joe@ref.test.\n\nMessage-ID: <1@x>\n',
  );
});

test('a sender with blanks or line breaks makes no other field', async () => {
  const env = { SENDER: 'a b\nBcc: c@d@x.y' };
  const { message, envelope } = await runFromDelivery({ program, args, stdin, env });
  assert.ok(
    message?.startsWith(
      'From: DELIVERY NOTICE SYSTEM <"a b_Bcc: c@d"@x.y>\nTo: <"a b_Bcc: c@d"@x.y>\nSubject:',
    ),
  );
  assert.equal(envelope, 'F\0Ta b\nBcc: c@d@x.y\0\0');
});

test('none is sent for a bounce, or when nobody asked', async () => {
  for (const SENDER of ['', '#@[]']) {
    const ended = await runFromDelivery({ program, args, stdin, env: { SENDER } });
    assert.deepEqual([ended.exit, ended.message], [0, null]);
  }
  const ended = await runFromDelivery({ program, args: ['other@ref.test'], stdin });
  assert.deepEqual([ended.exit, ended.message], [0, null]);
});

test('what is wrong is said', async () => {
  const unparsed = await runFromDelivery({
    program,
    args,
    stdin: 'Notice-Requested-Upon-Delivery-To: "joe\n\n',
  });
  assert.equal(unparsed.exit, 100);
  assert.match(unparsed.stderr, /^qreceipt: fatal: unable to parse this: Notice/);
  const unknown = await runFromDelivery({ program, args, stdin, unset: ['SENDER'] });
  assert.deepEqual([unknown.exit, unknown.stderr], [100, 'qreceipt: fatal: SENDER not set\n']);
  for (const [queueExit, exit] of [
    [31, 100],
    [53, 111],
  ]) {
    const queue = captureQueue({ exit: queueExit ?? 0 });
    assert.equal((await runFromDelivery({ program, args, stdin, queue })).exit, exit);
  }
});
