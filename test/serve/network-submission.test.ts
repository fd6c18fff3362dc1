import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { networkSubmission } from '../../src/serve/network-submission.ts';
import { bytesOf } from '../../src/system/index.ts';
import { memoryIntake } from '../support/memory-intake.ts';

const peer = { remoteHost: 'unknown', remoteInfo: 'joe', remoteIp: '192.0.2.7', localHost: 'hub.test' };
const nowMs = Date.UTC(2026, 10, 5, 8, 44, 38);
const envelope = { sender: 's@x', recipients: ['r@y'] };

test('the message gets one field on top and is otherwise as it came', async () => {
  const intake = memoryIntake();
  const submission = networkSubmission(intake, peer, 'QMQP', () => nowMs);
  submission.message(bytesOf('Subject: \xff\0\r\n'));
  submission.message(bytesOf('\nbody'));
  deepStrictEqual(await submission.complete(envelope), {
    verdict: 'K',
    text: `ok ${nowMs / 1000} qp 1`,
  });
  deepStrictEqual(intake.messages, [
    {
      origin: { caller: 'network', host: '192.0.2.7' },
      text:
        'Received: from unknown (joe@192.0.2.7)\n' +
        '  by hub.test with QMQP; 5 Nov 2026 08:44:38 -0000\nSubject: \xff\0\r\n\nbody',
      envelope,
    },
  ]);
});

test('a text of the queue’s own is passed on', async () => {
  for (const answer of [
    { verdict: 'K', text: 'ok 1 qp 2' },
    { verdict: 'Z', text: '' },
    { verdict: 'D', text: 'no' },
  ] as const) {
    const submission = networkSubmission(memoryIntake({ answer: () => answer }), peer, 'QMQP', () => nowMs);
    deepStrictEqual(await submission.complete(envelope), answer);
  }
});

test('a message that is abandoned is aborted', () => {
  const intake = memoryIntake();
  networkSubmission(intake, peer, 'QMQP', () => nowMs).abandon();
  deepStrictEqual([intake.begun, intake.aborted], [1, 1]);
});

test('each piece waits for the queue to take it', async () => {
  const wait = Promise.withResolvers<void>();
  const intake = memoryIntake({ write: () => wait.promise });
  const submission = networkSubmission(intake, peer, 'QMQP', () => nowMs);
  strictEqual(submission.message(bytesOf('a')), wait.promise);
  wait.resolve();
  await wait.promise;
});

test('a peer cannot forge a field through its name', async () => {
  const intake = memoryIntake();
  const forged = { ...peer, remoteHost: 'a\nX-Evil: 1' };
  await networkSubmission(intake, forged, 'QMQP', () => nowMs).complete(envelope);
  match(intake.messages[0]?.text ?? '', /^Received: from a\?X-Evil:\?1 \(/);
});
