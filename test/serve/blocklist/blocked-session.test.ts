import { match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { createBlockedSession } from '../../../src/serve/index.ts';
import { everyText } from '../../support/every-text.ts';

test('a client may greet and name a sender, and every recipient is refused', () => {
  const session = createBlockedSession('go away', false);
  match(session.greeting(), /^220 /);
  for (const line of ['HELO x', 'EHLO x', 'mail from:<a@b>', 'RSET', 'NOOP'])
    match(session.answer(line), /^250 rblsmtpd\.local\r\n$/, line);
  for (const line of ['RCPT TO:<a@b>', 'DATA', 'AUTH PLAIN x', 'STARTTLS', '', 'x'])
    strictEqual(session.answer(line), '451 4.7.1 go away\r\n', line);
  ok(!session.ended);
  match(session.answer('quit'), /^221 /);
  ok(session.ended);
});

test('for ever, and a reason of any bytes', () => {
  const { answer } = createBlockedSession(`bad\r\n250 ok ${'x'.repeat(1000)}`, true);
  match(answer('RCPT TO:<a@b>'), /^553 5\.7\.1 bad\\x0d\\x0a250 ok x+\.\.\.\r\n$/);
});

test('whatever is said, one line answers it', () => {
  for (const text of everyText('qQ \0')) {
    const answer = createBlockedSession('no', false).answer(text);
    ok(/^(250|451|221) [^\r\n]*\r\n$/.test(answer), text);
  }
});
