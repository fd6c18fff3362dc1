import assert from 'node:assert/strict';
import { eachBody } from '../support/bodies.ts';
import { runFromDelivery } from '../support/delivery.ts';
import { captureQueue, temporaryHome } from '../support/home.ts';
import { satelliteMain } from '../support/run-program.ts';
import { answering, scriptedHub } from '../support/scripted-hub.ts';

const program = 'forward';

eachBody('a message from a pipe, of any size and any bytes', async () => {
  const body = `${'\0\xff line\n'.repeat(30_000)}partial`;
  const ended = await runFromDelivery({
    main: satelliteMain,
    program,
    args: ['a@b.c', '-x@y', '--', 'caf\xe9@h'],
    stdin: `Subject: x\n\n${body}`,
    seekable: false,
  });
  assert.equal(ended.exit, 0);
  assert.equal(ended.stderr, 'forward: qp 0\n');
  assert.equal(ended.message, `Delivered-To: joe@ref.test\nSubject: x\n\n${body}`);
  assert.equal(ended.envelope, 'Fowner@x.y\0Ta@b.c\0T-x@y\0T--\0Tcaf\xe9@h\0\0');
});

eachBody('the senders of bounces stay what they are', async () => {
  for (const NEWSENDER of ['', '#@[]', 'joe-owner-@ref.test-@[]']) {
    const ended = await runFromDelivery({ main: satelliteMain, program, args: ['a@b'], env: { NEWSENDER } });
    assert.equal(ended.envelope, `F${NEWSENDER}\0Ta@b\0\0`);
  }
});

eachBody('outside a delivery nothing is sent', async () => {
  for (const name of ['NEWSENDER', 'DTLINE']) {
    const ended = await runFromDelivery({ main: satelliteMain, program, args: ['a@b'], unset: [name] });
    assert.deepEqual([ended.exit, ended.message], [100, null]);
    assert.equal(ended.stderr, `forward: fatal: ${name} not set\n`);
  }
});

eachBody('what the queue says is passed on', async () => {
  const answers: readonly (readonly [number, number])[] = [
    [53, 111],
    [31, 100],
    [0, 0],
  ];
  for (const [queueExit, exit] of answers) {
    const queue = captureQueue({ exit: queueExit });
    assert.equal((await runFromDelivery({ main: satelliteMain, program, args: ['a@b'], queue })).exit, exit);
  }
});

eachBody('without a program in its place the queue is a hub, whose number is shown', async () => {
  const hub = await scriptedHub(answering('21:Kok 1794214478 qp 345,'));
  const QMAILHOME = temporaryHome({ me: 'ref.test\n', qmqpservers: `${hub.text}\n` });
  const env = { QMAILHOME, QMAILQUEUE: '' };
  const ended = await runFromDelivery({ main: satelliteMain, program, args: ['a@b'], env, stdin: 'S: x\n' });
  assert.deepEqual([ended.exit, ended.stderr], [0, 'forward: qp 345\n']);
  assert.deepEqual(hub.received, ['54:32:Delivered-To: joe@ref.test\nS: x\n,9:owner@x.y,3:a@b,,']);
});
