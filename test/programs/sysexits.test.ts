/** From a queue's outcome to the exit code that a caller of sendmail knows. */
import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { answerOfQueueExit } from '../../src/mail/index.ts';
import { exitOfOutcome, sysexits } from '../../src/programs/sysexits.ts';

const refused = (text: string) => exitOfOutcome({ exitCode: 31, answer: { verdict: 'D', text } });

test('a message that was taken is success', () => {
  strictEqual(exitOfOutcome({ exitCode: 0, answer: { verdict: 'K', text: 'ok' } }), sysexits.ok);
});

test('a refusal is told apart by its enhanced code', () => {
  strictEqual(refused('no (#5.1.1)'), sysexits.noUser);
  strictEqual(refused('no (#5.1.2)'), sysexits.noHost);
  strictEqual(refused('no (#5.1.3)'), sysexits.data);
  strictEqual(refused('no (#5.6.0)'), sysexits.data);
  strictEqual(refused('no (#5.7.1)'), sysexits.permission);
  strictEqual(refused('no (#5.3.4)'), sysexits.unavailable);
  strictEqual(refused('no code at all'), sysexits.unavailable);
});

test('every exit code of qmail-queue has one of sysexits', () => {
  for (let exitCode = 0; exitCode < 256; exitCode += 1) {
    const answer = answerOfQueueExit(exitCode);
    const exit = exitOfOutcome({ exitCode, answer });
    strictEqual(exit === 0, answer.verdict === 'K', String(exitCode));
    strictEqual(exit === 0 || (exit >= 64 && exit <= 78), true, String(exitCode));
    if (answer.verdict === 'Z') {
      const expected =
        exitCode === 55 ? sysexits.configuration : exitCode === 120 ? sysexits.system : sysexits.tryLater;
      strictEqual(exit, expected, String(exitCode));
    }
  }
});
