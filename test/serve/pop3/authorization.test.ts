import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AuthorizationOptions, createAuthorization } from '../../../src/serve/pop3/index.ts';
import { everyText } from '../../support/every-text.ts';

function authorization(more: Partial<AuthorizationOptions> = {}) {
  const made = createAuthorization({
    timestamp: '<1.2@ref.test>',
    tlsOffered: () => false,
    passwordsAllowed: () => true,
    ...more,
  });
  const textOf = (line: string) => {
    const step = made.answer(line);
    return step.kind === 'login' ? '' : step.text;
  };
  return { ...made, textOf };
}

test('USER and PASS, with all blanks of the password', () => {
  const { greeting, answer, textOf } = authorization();
  strictEqual(greeting(), '+OK <1.2@ref.test>\r\n');
  strictEqual(textOf('PASS x'), '-ERR USER first\r\n');
  strictEqual(textOf('user joe'), '+OK \r\n');
  deepStrictEqual(answer('PASS secret  word '), { kind: 'login', user: 'joe', password: 'secret  word ' });
  strictEqual(answer('USER').kind, 'error');
  strictEqual(answer('PASS').kind, 'error');
});

test('APOP, where there is a timestamp', () => {
  const { answer, textOf } = authorization();
  deepStrictEqual(answer('APOP joe 0123abcd'), { kind: 'login', user: 'joe', password: '0123abcd' });
  for (const wrong of ['APOP', 'APOP joe', 'APOP joe ']) strictEqual(textOf(wrong), '-ERR syntax error\r\n');
  const none = authorization({ timestamp: '' });
  strictEqual(none.greeting(), '+OK \r\n');
  strictEqual(none.answer('APOP joe 0123abcd').kind, 'error');
});

test('without TLS no password is wanted, and in TLS what was said before counts no more', () => {
  let secure = false;
  const { answer, secured, textOf } = authorization({
    tlsOffered: () => !secure,
    passwordsAllowed: () => secure,
  });
  for (const line of ['USER joe', 'PASS secret']) strictEqual(answer(line).kind, 'error', line);
  ok(answer('CAPA').kind === 'reply' && !JSON.stringify(answer('CAPA')).includes('USER'));
  ok(JSON.stringify(answer('CAPA')).includes('STLS'));
  strictEqual(answer('STLS').kind, 'tls');
  secure = true;
  secured();
  strictEqual(textOf('PASS secret'), '-ERR USER first\r\n');
  strictEqual(answer('USER joe').kind, 'reply');
  strictEqual(answer('STLS').kind, 'error');
  ok(!JSON.stringify(answer('CAPA')).includes('STLS'));
});

test('other commands are for later', () => {
  const { answer, textOf } = authorization();
  for (const line of ['STAT', 'RETR 1', 'QUITS', '', ' USER joe', 'AUTH PLAIN'])
    strictEqual(textOf(line), '-ERR authorization first\r\n', line);
  strictEqual(answer('NOOP').kind, 'reply');
  strictEqual(answer('QUIT').kind, 'quit');
});

test('whatever is said, each line has one answer of one kind', () => {
  const kinds = ['reply', 'error', 'quit', 'tls', 'login'];
  for (const text of everyText('uP ')) {
    const { answer } = authorization();
    ok(kinds.includes(answer(text).kind));
  }
  const word = fc.constantFrom('USER', 'pass', 'APOP', 'STLS', 'CAPA', 'NOOP', 'QUIT', 'x', '');
  const rest = fc.constantFrom('', ' ', ' joe', ' joe x', ' \0', '\tjoe', ' -joe');
  fc.assert(
    fc.property(fc.array(fc.tuple(word, rest), { maxLength: 10 }), fc.boolean(), (lines, allowed) => {
      const { answer } = authorization({ passwordsAllowed: () => allowed, timestamp: '' });
      for (const [one, other] of lines) {
        const step = answer(one + other);
        if (!allowed) ok(step.kind !== 'login');
        if (step.kind !== 'login') ok(step.text.endsWith('\r\n'));
      }
    }),
  );
});
