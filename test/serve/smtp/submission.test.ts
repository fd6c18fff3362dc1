import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { SmtpFacts } from '../../../src/serve/smtp/session-contract.ts';
import { smtpProtocol, smtpSubmission } from '../../../src/serve/smtp/submission.ts';
import { bytesOf } from '../../../src/system/index.ts';
import { memoryIntake } from '../../support/memory-intake.ts';

const facts: SmtpFacts = {
  helo: 'c.test',
  extended: true,
  secure: false,
  user: undefined,
  utf8: false,
  sender: 's@x',
};
const peer = {
  remoteHost: 'remote.host',
  remoteIp: '192.0.2.7',
  remoteInfo: 'info',
  localHost: 'local.host',
};

test('the words for what really happened', () => {
  const words = [
    smtpProtocol({ ...facts, extended: false }),
    smtpProtocol(facts),
    smtpProtocol({ ...facts, secure: true }),
    smtpProtocol({ ...facts, secure: true, user: 'u' }),
    smtpProtocol({ ...facts, utf8: true }),
    smtpProtocol({ ...facts, utf8: true, secure: true, user: 'u' }),
  ];
  deepStrictEqual(words, ['SMTP', 'ESMTP', 'ESMTPS', 'ESMTPSA', 'UTF8SMTP', 'UTF8SMTPSA']);
});

async function received(own: Partial<SmtpFacts>): Promise<string> {
  const intake = memoryIntake();
  const submission = smtpSubmission({ intake, peer, facts: { ...facts, ...own }, now: () => 1000 });
  submission.write(bytesOf('x\n'));
  deepStrictEqual(await submission.complete({ sender: 's@x', recipients: ['r@y'] }), {
    verdict: 'K',
    text: 'ok 1 qp 1',
  });
  deepStrictEqual(intake.messages[0]?.origin, { caller: 'network', host: '192.0.2.7' });
  return intake.messages[0]?.text ?? '';
}

test('the Received field names the client as it is known', async () => {
  match(
    await received({}),
    /^Received: from remote\.host \(HELO c\.test\) \(info@192\.0\.2\.7\)\n {2}by local\.host with ESMTP; .*\nx\n$/,
  );
  match(await received({ helo: 'REMOTE.host' }), /^Received: from remote\.host \(info@192\.0\.2\.7\)\n/);
  match(await received({ helo: undefined }), /^Received: from remote\.host \(info@192\.0\.2\.7\)\n/);
  match(
    await received({ secure: true, user: 'u@x' }),
    /\(u@x@192\.0\.2\.7\)\n {2}by local\.host with ESMTPSA;/,
  );
  match(await received({ helo: 'a)\r\nX: (b' }), /\(HELO a\?\?\?X:\?\?b\)/);
});

test('what the queue says goes on, and what is abandoned is forgotten', async () => {
  const intake = memoryIntake({ answer: () => ({ verdict: 'Z', text: 'later' }) });
  const submission = smtpSubmission({ intake, peer, facts, now: () => 1000 });
  deepStrictEqual(await submission.complete({ sender: '', recipients: [] }), { verdict: 'Z', text: 'later' });
  smtpSubmission({ intake, peer, facts, now: () => 1000 }).abandon();
  strictEqual(intake.aborted, 1);
});
