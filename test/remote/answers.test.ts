import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allAnswered, answersOf, remoteReport } from '../../src/remote/answers.ts';
import { answerOfRemote } from '../../src/remote/remote-report.ts';
import type { Answer } from '../../src/system/index.ts';

const accepted: Answer = { verdict: 'K', text: '' };
const refused: Answer = { verdict: 'D', text: 'no such user\n' };

test('who was accepted gets what became of the message, who was refused that', () => {
  const message: Answer = { verdict: 'K', text: 'sent\n' };
  deepStrictEqual(answersOf({ recipients: [accepted, refused], message, undecided: false }, 2), [
    message,
    refused,
  ]);
  deepStrictEqual(answersOf(allAnswered({ verdict: 'Z', text: 'down\n' }), 2), [
    { verdict: 'Z', text: 'down\n' },
    { verdict: 'Z', text: 'down\n' },
  ]);
});

test('what is printed is what qmail-rspawn reads', () => {
  const message: Answer = { verdict: 'D', text: 'giving up\n' };
  strictEqual(
    remoteReport({
      recipients: [accepted, refused, { verdict: 'Z', text: 'la\0ter\n' }],
      message,
      undecided: false,
    }),
    'r\0hno such user\n\0sla?ter\n\0Dgiving up\n\0',
  );
  const answer = fc.record(
    {
      verdict: fc.constantFrom('K' as const, 'Z' as const, 'D' as const),
      text: fc.string({ unit: fc.constantFrom('a', '\n', ' ') }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(answer, answer, fc.boolean(), (own, whole, isNamed) => {
      const recipient = own.verdict === 'K' ? accepted : own;
      const delivered = { recipients: isNamed ? [recipient] : [], message: whole, undecided: false };
      const [ours] = answersOf(delivered, 1);
      deepStrictEqual(answerOfRemote(0, remoteReport(delivered)), ours);
    }),
  );
});
