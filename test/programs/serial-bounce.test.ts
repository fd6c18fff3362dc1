import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import type { Envelope } from '../../src/mail/index.ts';
import { bounceSerialMessage, readSerialBounceSettings } from '../../src/programs/serial-bounce.ts';
import type { Queue } from '../../src/submit/index.ts';
import { type Answer, textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';
import { makeMaildir } from '../support/maildir.ts';
import { bodyOf, fieldOf, parseQsbmf, partsOf } from '../support/qsbmf.ts';

const system = nodeSystem([]);
const settings = readSerialBounceSettings(openControl(system, temporaryHome()), 'pre-');

async function bounce(
  sender: string,
  {
    answer = { verdict: 'K', text: 'ok 1 qp 7' },
    body = 'Subject: x\n\nbody\n',
  }: { answer?: Answer; body?: string } = {},
) {
  const maildir = makeMaildir();
  maildir.put('new/1', `Return-Path: <${sender}>\nDelivered-To: pre-joe@remote.example\n${body}`);
  let message = '';
  let envelope: Envelope | undefined;
  const queue: Queue = async (_system, spill, given) => {
    for (const piece of spill.chunks()) message += textOf(piece);
    envelope = given;
    return { exitCode: 0, answer };
  };
  const failed = { path: `${maildir.path}/new/1`, report: 'No such user. (#5.1.1)\n' };
  return { outcome: await bounceSerialMessage(system, queue, settings, failed), message, envelope };
}

test('the sender gets a bounce as qmail-send writes it', async () => {
  const { outcome, message, envelope } = await bounce('s@x.y');
  assert.deepEqual(outcome, { kind: 'returned', qp: '7' });
  assert.deepEqual(envelope, { sender: '', recipients: ['s@x.y'] });
  assert.equal(fieldOf(message, 'From'), 'MAILER-DAEMON@ref.test');
  assert.equal(fieldOf(message, 'To'), 's@x.y');
  const { introduction, recipients } = parseQsbmf(bodyOf(message));
  assert.match(introduction, /^Hi\. This is the maildirserial program at ref\.test\.\n/);
  assert.deepEqual(recipients, [{ address: 'joe@remote.example', report: 'No such user. (#5.1.1)\n' }]);
  assert.ok(partsOf(message).at(-1)?.endsWith('\n\nReturn-Path: <s@x.y>\nSubject: x\n\nbody\n'));
});

test('of a large message the header comes back', async () => {
  const { message } = await bounce('s@x.y', { body: `Subject: large\n\n${'x'.repeat(100_000)}` });
  assert.ok(message.length < 10_000);
  assert.ok(message.includes('Subject: large\n'));
});

test('the bounce of a bounce goes to the postmaster, and that of a double bounce to nobody', async () => {
  const double = await bounce('');
  assert.equal(double.outcome.kind, 'returned');
  assert.deepEqual(double.envelope, { sender: '#@[]', recipients: ['postmaster@ref.test'] });
  const triple = await bounce('#@[]');
  assert.deepEqual([triple.outcome, triple.envelope], [{ kind: 'triple' }, undefined]);
});

test('what cannot be bounced: the queue is full, the file is no message, or gone', async () => {
  const full = await bounce('s@x.y', { answer: { verdict: 'Z', text: 'full (#4.3.0)' } });
  assert.deepEqual(full.outcome, { kind: 'not-bounced', problem: 'the queue failed: full (#4.3.0)' });
  assert.equal((await bounce('s@x.y>\nX: <')).outcome.kind, 'not-bounced');
  const queue: Queue = () => assert.fail('nothing is to be queued');
  const gone = await bounceSerialMessage(system, queue, settings, { path: '/nonexistent', report: '' });
  assert.match(gone.kind === 'not-bounced' ? gone.problem : '', /ENOENT/);
});
