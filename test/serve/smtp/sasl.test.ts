import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type SaslStep, startSasl } from '../../../src/serve/smtp/sasl.ts';
import { everyText } from '../../support/every-text.ts';

const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64');

/** What a dialogue comes to. */
function dialogue(argument: string, ...responses: readonly string[]): SaslStep | undefined {
  const start = startSasl(argument);
  let step = start?.step;
  for (const response of responses) step = start?.dialogue.next(response);
  return step;
}

const known: SaslStep = { kind: 'credentials', credentials: { user: 'u@x.y', password: 's3 cret' } };

test('PLAIN, at once and when asked', () => {
  const response = base64('\0u@x.y\0s3 cret');
  deepStrictEqual(dialogue(`PLAIN ${response}`), known);
  deepStrictEqual(dialogue('plain'), { kind: 'challenge', text: '' });
  deepStrictEqual(dialogue('PLAIN', response), known);
  deepStrictEqual(dialogue(`PLAIN ${base64('u@x.y\0u@x.y\0s3 cret')}`), known);
});

test('LOGIN, at once and when asked', () => {
  const user = base64('u@x.y');
  const password = base64('s3 cret');
  deepStrictEqual(dialogue('LOGIN'), { kind: 'challenge', text: base64('Username:') });
  deepStrictEqual(dialogue('LOGIN', user), { kind: 'challenge', text: base64('Password:') });
  deepStrictEqual(dialogue('LOGIN', user, password), known);
  deepStrictEqual(dialogue(`login ${user}`, password), known);
});

test('what is malformed, cancelled, or another mechanism', () => {
  strictEqual(startSasl(''), undefined);
  strictEqual(startSasl('CRAM-MD5'), undefined);
  strictEqual(startSasl('XOAUTH2 x'), undefined);
  const malformed = [
    `PLAIN ${base64('u\0p')}`,
    `PLAIN ${base64('\0u\0p\0')}`,
    `PLAIN ${base64('other\0u\0p')}`,
    `PLAIN ${base64('\0\0p')}`,
    'PLAIN =',
    'PLAIN ====',
    'PLAIN AHUAcA',
    'PLAIN AHUAcA==x',
    'PLAIN AH UA',
    'PLAIN AHU\xffcA==',
  ];
  for (const argument of malformed) deepStrictEqual(dialogue(argument)?.kind, 'malformed', argument);
  deepStrictEqual(dialogue('LOGIN', base64('u\0'), base64('p'))?.kind, 'malformed');
  deepStrictEqual(dialogue('PLAIN', '*'), { kind: 'cancelled' });
  deepStrictEqual(dialogue('LOGIN', base64('u'), '*'), { kind: 'cancelled' });
});

test('every response of a few letters, and any at all, comes to an end', () => {
  for (const response of everyText('A/=')) dialogue('PLAIN', response);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 60 }), (user, password) => {
      const [name, secret] = [user, password].map((bytes) => Buffer.from(bytes).toString('latin1'));
      const step = dialogue('LOGIN', base64(name ?? ''), base64(secret ?? ''));
      const isBad = name === '' || name?.includes('\0') || secret?.includes('\0');
      deepStrictEqual(
        step,
        isBad
          ? { kind: 'malformed' }
          : { kind: 'credentials', credentials: { user: name, password: secret } },
      );
    }),
  );
});
