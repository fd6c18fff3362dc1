import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forward } from '../../src/local/forward.ts';
import type { Envelope } from '../../src/mail/index.ts';
import type { Queue } from '../../src/submit/index.ts';
import { type Answer, textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { brokenBody, largeBody, messageBody } from '../support/message-body.ts';

function forwardTo(queue: Queue, body = messageBody('Subject: x\n\nbody', [3])) {
  const system = nodeSystem([]);
  return forward({ body }, { system, queue }, 'Delivered-To: joe@ref.test\n', 's@x.y', ['a@b.c', '']);
}

function answers(answer: Answer): Queue {
  return async () => ({ exitCode: 0, answer });
}

test('one message for all, with the line on top', async () => {
  let taken: (Envelope & { message: string }) | undefined;
  const forwarded = await forwardTo(async (_system, message, envelope) => {
    taken = { ...envelope, message: [...message.chunks()].map((piece) => textOf(piece)).join('') };
    return { exitCode: 0, answer: { verdict: 'K', text: 'ok 1794214478 qp 12' } };
  });
  assert.deepEqual(forwarded, { ok: true, qp: '12' });
  assert.deepEqual(taken, {
    sender: 's@x.y',
    recipients: ['a@b.c', ''],
    message: 'Delivered-To: joe@ref.test\nSubject: x\n\nbody',
  });
});

test('a program in the place of the queue tells no number', async () => {
  assert.deepEqual(await forwardTo(answers({ verdict: 'K', text: '' })), { ok: true, qp: '0' });
});

test('not now and never are passed on, and a peer’s text is one line', async () => {
  const later = await forwardTo(answers({ verdict: 'Z', text: 'qq write error or disk full (#4.3.0)' }));
  assert.deepEqual(later, {
    ok: false,
    answer: {
      verdict: 'Z',
      text: 'Unable to forward message: qq write error or disk full (#4.3.0).\n',
    },
  });
  const never = await forwardTo(answers({ verdict: 'D', text: `no\n\nK${'x'.repeat(2000)}` }));
  assert.equal(never.ok ? '' : never.answer.verdict, 'D');
  assert.match(never.ok ? '' : never.answer.text, /^[^\n]{1,1100}\n$/);
});

test('a message that cannot be read is not forwarded', async () => {
  const never: Queue = () => assert.fail('the queue was called');
  const forwarded = await forwardTo(never, brokenBody('Subject: x\n', 100));
  assert.match(forwarded.ok ? '' : forwarded.answer.text, /the store has lost the rest.*\(#4\.3\.0\)\n$/);
});

test('a large message', async () => {
  const size = 'Delivered-To: joe@ref.test\n'.length + 65_536 * 64;
  const forwarded = await forwardTo(
    async (_system, message) => {
      assert.equal(message.sizeBytes, size);
      return { exitCode: 0, answer: { verdict: 'K', text: 'qp 1' } };
    },
    largeBody(65_536, 64),
  );
  assert.equal(forwarded.ok, true);
});
