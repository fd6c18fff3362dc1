import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { beginSubmission, type SmtpJudge } from '../../../src/serve/index.ts';
import { bytesOf } from '../../../src/system/index.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { memoryIntake } from '../../support/memory-intake.ts';

const facts = {
  helo: 'c.test',
  extended: true,
  secure: false,
  user: undefined,
  utf8: false,
  sender: 's@c.test',
};
const peer = { remoteHost: 'unknown', remoteIp: '192.0.2.7', localHost: 'hub.test' };
const envelope = { sender: 's@c.test', recipients: ['r@hub.test'] };

/** DNS in which there is nothing. */
const judge = (): SmtpJudge => ({
  system: nodeSystem([]),
  name: 'hub.test',
  questions: () => Promise.reject(Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' })),
});

function submit(own: { user?: string; relayClient?: string } = {}) {
  const intake = memoryIntake();
  const options = { intake, peer, facts: { ...facts, user: own.user }, now: () => 0 };
  return { intake, submission: beginSubmission(options, own.relayClient, judge) };
}

test('the judgement stands on top, what claims to be ours goes, and the rest stays as it was', async () => {
  const { intake, submission } = submit();
  const forged = 'Authentication-Results: hub.test; spf=pass\n';
  const others = 'Authentication-Results: other.test; spf=pass\nFrom: a@c.test\n';
  const body = `\n${'body\n'.repeat(30_000)}Authentication-Results: hub.test\nlast\n`;
  for (const part of [forged, others, forged, body]) submission.write(bytesOf(part));
  strictEqual(intake.begun, 0);
  strictEqual((await submission.complete(envelope)).verdict, 'K');
  const [message] = intake.messages;
  match(
    message?.text ?? '',
    /^Authentication-Results: hub\.test;\n {2}dkim=none.*?spf=[a-z]+ .*?\nReceived: from /s,
  );
  const rest = message?.text.slice(message.text.indexOf('0000\n') + '0000\n'.length);
  strictEqual(rest, others + body);
  deepStrictEqual(message?.envelope, envelope);
});

test('who has logged in, or may relay, is not judged', async () => {
  for (const own of [{ user: 'joe' }, { relayClient: '' }]) {
    const { intake, submission } = submit(own);
    submission.write(bytesOf('From: a@b\n\n'));
    await submission.complete(envelope);
    match(intake.messages[0]?.text ?? '', /^Received: /);
  }
});

test('a message that is given up is forgotten, and one whose header is too large is refused', async () => {
  const { intake, submission } = submit();
  submission.write(bytesOf('From: a@b\n\n'));
  submission.abandon();
  strictEqual(intake.begun, 0);
  const large = submit();
  for (let count = 0; count < 40; count += 1) large.submission.write(bytesOf(`X: ${'y'.repeat(60_000)}\n`));
  const answer = await large.submission.complete(envelope);
  deepStrictEqual([answer.verdict, large.intake.begun], ['D', 0]);
});
