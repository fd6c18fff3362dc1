import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runFromDelivery } from '../support/delivery.ts';
import { captureQueue } from '../support/home.ts';

const program = 'condredirect';
const stdin = `Subject: x\n\n${'line\n'.repeat(20_000)}`;

test('the whole message is sent, however much of it the program has read', async () => {
  for (const script of ['exit 0', 'read line; test "$line" = "Subject: x"', 'cat >/dev/null']) {
    const ended = await runFromDelivery({ program, args: ['new@x', 'sh', '-c', script], stdin });
    assert.equal(ended.exit, 99, script);
    assert.equal(ended.stderr, 'condredirect: qp 0\n');
    assert.equal(ended.message, `Delivered-To: joe@ref.test\n${stdin}`);
    assert.equal(ended.envelope, 'Fs@x.y\0Tnew@x\0\0');
  }
});

test('an address that looks like an option or a command is an address', async () => {
  const ended = await runFromDelivery({ program, args: ['-x; exit 1 $(id)@h', 'true'] });
  assert.equal(ended.envelope, 'Fs@x.y\0T-x; exit 1 $(id)@h\0\0');
});

test('nothing is sent when the program does not exist, is killed, or says no', async () => {
  const run = async (...command: readonly string[]) => {
    const { exit, message } = await runFromDelivery({ program, args: ['new@x', ...command] });
    assert.equal(message, null);
    return exit;
  };
  assert.equal(await run('/nonexistent'), 0);
  assert.equal(await run('sh', '-c', 'exit 7'), 0);
  assert.equal(await run('sh', '-c', 'kill -9 $$'), 111);
});

test('a message that came through a pipe cannot be read again', async () => {
  const ended = await runFromDelivery({ program, args: ['new@x', 'cat'], stdin, seekable: false });
  assert.deepEqual([ended.exit, ended.message], [111, null]);
  assert.match(ended.stderr, /unable to read the message: .*ESPIPE/);
});

test('the sender must be known, and the queue may refuse', async () => {
  for (const name of ['SENDER', 'DTLINE']) {
    const args = ['new@x', 'true'];
    const ended = await runFromDelivery({ program, args, unset: [name] });
    assert.deepEqual([ended.exit, ended.stderr], [100, `condredirect: fatal: ${name} not set\n`]);
    const unasked = await runFromDelivery({ program, args: ['new@x', 'false'], unset: [name] });
    assert.equal(unasked.exit, 0);
  }
  const queue = captureQueue({ exit: 53 });
  assert.equal((await runFromDelivery({ program, args: ['new@x', 'true'], queue })).exit, 111);
});
