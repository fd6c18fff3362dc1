import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Login, loginBytesMax, packLogin, parseLogin } from '../../../src/serve/passwords/index.ts';
import { bytesOf, textOf } from '../../../src/system/index.ts';
import { everyText } from '../../support/every-text.ts';

const joe: Login = { user: 'joe', password: 'secret word', timestamp: '<1.2@ref.test>' };

test('the fields, each with a NUL byte behind it', () => {
  const bytes = packLogin(joe);
  strictEqual(textOf(bytes ?? new Uint8Array()), 'joe\0secret word\0<1.2@ref.test>\0');
});

test('what is packed is parsed, whatever its bytes are', () => {
  const field = fc.uint8Array({ maxLength: 100 }).map((bytes) => textOf(bytes.filter((byte) => byte > 0)));
  fc.assert(
    fc.property(field, field, field, (user, password, timestamp) => {
      deepStrictEqual(parseLogin(packLogin({ user, password, timestamp }) ?? new Uint8Array()), {
        user,
        password,
        timestamp,
      });
    }),
  );
});

test('no more than 512 bytes', () => {
  const password = 'x'.repeat(loginBytesMax - 'joe\0\0\0'.length);
  strictEqual(packLogin({ ...joe, password, timestamp: '' })?.length, loginBytesMax);
  strictEqual(packLogin({ ...joe, password: `${password}x`, timestamp: '' }), undefined);
  strictEqual(parseLogin(bytesOf(`joe\0${password}x\0\0`)), undefined);
  strictEqual(parseLogin(bytesOf(`joe\0${password}\0\0`))?.user, 'joe');
});

test('a NUL byte in a field would move the others', () => {
  for (const name of ['user', 'password', 'timestamp'])
    strictEqual(packLogin({ ...joe, [name]: 'x\0y' }), undefined);
});

test('all strings over a small alphabet are logins or none', () => {
  for (const text of everyText('a\0')) {
    const login = parseLogin(bytesOf(text));
    // The grammar, read by another: two fields that end, perhaps a third.
    const whole = /^([^\0]*)\0([^\0]*)\0(?:([^\0]*)\0)?/.exec(text);
    const wanted = whole && { user: whole[1], password: whole[2], timestamp: whole[3] ?? '' };
    deepStrictEqual(login ?? null, wanted);
  }
});
