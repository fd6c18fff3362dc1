import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Envelope } from '../../src/mail/index.ts';
import { redirectMessage } from '../../src/programs/redirect-message.ts';
import type { Queue } from '../../src/submit/index.ts';
import { type Answer, bytesOf, textOf } from '../../src/system/index.ts';
import { memorySystem } from '../support/memory-system.ts';

async function redirect(
  answer: Answer,
  message: Iterable<Uint8Array> = [bytesOf('Subject: x\n'), bytesOf('\nhi\n')],
) {
  const { system, output } = memorySystem();
  const taken: { message: string; envelope: Envelope }[] = [];
  const queue: Queue = async (_system, spill, envelope) => {
    taken.push({ message: [...spill.chunks()].map((piece) => textOf(piece)).join(''), envelope });
    return { exitCode: 0, answer };
  };
  const envelope = { sender: 's@x.y', recipients: ['a@b', 'c@d'] };
  const redirection = { caller: 'me', envelope, head: 'Delivered-To: j@h\n', message, exitDone: 99 };
  const exit = await redirectMessage(system, { queue }, redirection);
  return { exit, said: output(2), taken };
}

test('the message goes to the queue with its head on top', async () => {
  const { taken } = await redirect({ verdict: 'K', text: 'ok 1 qp 7' });
  assert.deepEqual(taken, [
    {
      message: 'Delivered-To: j@h\nSubject: x\n\nhi\n',
      envelope: { sender: 's@x.y', recipients: ['a@b', 'c@d'] },
    },
  ]);
});

test('the answer is said, and becomes the exit code', async () => {
  const outcome = async (verdict: Answer['verdict'], text: string) => {
    const { exit, said } = await redirect({ verdict, text });
    return [exit, said];
  };
  assert.deepEqual(await outcome('K', 'ok 1 qp 7'), [99, 'me: qp 7\n']);
  assert.deepEqual(await outcome('K', ''), [99, 'me: qp 0\n']);
  assert.deepEqual(await outcome('D', 'never\n(#5.3.0)'), [100, 'me: fatal: never\\x0a(#5.3.0)\n']);
  assert.deepEqual(await outcome('Z', 'later (#4.3.0)'), [111, 'me: fatal: later (#4.3.0)\n']);
});

test('a message that cannot be read to its end is not sent', async () => {
  function* broken() {
    yield bytesOf('Subject: x\n');
    throw new Error('unable to read the message: EIO');
  }
  await assert.rejects(redirect({ verdict: 'K', text: '' }, broken()), /EIO/);
});
