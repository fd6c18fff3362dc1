/** What a bounce is made from, as tests need it. */
import type { Notice } from '../../src/mail/index.ts';
import { messageBody } from './message-body.ts';

export function notice(changes: Partial<Notice> = {}): Notice {
  return {
    host: 'hub.example',
    from: 'MAILER-DAEMON@hub.example',
    to: 'sender@example.org',
    isDouble: false,
    messageId: '<20261105084438.7.bounce@hub.example>',
    boundary: '=_0123456789abcdef',
    nowMs: Date.UTC(2026, 10, 5, 8, 44, 38),
    sender: 'sender@example.org',
    arrivedMs: Date.UTC(2026, 10, 1),
    original: messageBody('Subject: x\n\nbody\n'),
    originalBytesMax: 65_536,
    failures: () => [{ address: 'nosuch@example.org', report: 'No such user. (#5.1.1)\n', triedMs: 0 }],
    ...changes,
  };
}
