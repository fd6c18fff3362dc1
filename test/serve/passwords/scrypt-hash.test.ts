import { notStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fitsScryptHash, isScryptHash, makeScryptHash } from '../../../src/serve/passwords/scrypt-hash.ts';

const cheap = { ln: 1, r: 1, p: 1 };

test('a password fits its own hash and no other', () => {
  const hash = makeScryptHash('secret word', cheap);
  ok(isScryptHash(hash));
  ok(fitsScryptHash('secret word', hash));
  for (const wrong of ['secret wor', 'secret word ', 'Secret word', '']) ok(!fitsScryptHash(wrong, hash));
  notStrictEqual(makeScryptHash('secret word', cheap), hash);
});

test('the cost of hashes that are made', () => {
  const hash = makeScryptHash('secret');
  strictEqual(hash.split('$')[2], 'ln=15,r=8,p=1');
  ok(fitsScryptHash('secret', hash));
});

test('what RFC 7914 (section 12) has', () => {
  const salt = Buffer.from('SodiumChloride').toString('base64').replaceAll('=', '');
  const wanted = Buffer.from(
    '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
    'hex',
  );
  const text = `$scrypt$ln=14,r=8,p=1$${salt}$${wanted.toString('base64').replaceAll('=', '')}`;
  ok(fitsScryptHash('pleaseletmein', text));
  ok(!fitsScryptHash('pleaseletmeout', text));
});

test('what is no hash, or would cost too much, fits nobody', () => {
  const good = makeScryptHash('x', cheap);
  const [, , , salt, key] = good.split('$');
  for (const wrong of [
    '',
    '$',
    'x',
    '*',
    good.slice(1),
    `${good}$`,
    `${good}=`,
    `$scrypt$ln=1,r=1,p=1$${salt}$`,
    `$scrypt$ln=1,r=1,p=1$$${key}`,
    `$scrypt$ln=1,r=1$${salt}$${key}`,
    `$scrypt$ln=1,r=1,p=1,q=1$${salt}$${key}`,
    `$scrypt$ln=0,r=1,p=1$${salt}$${key}`,
    `$scrypt$ln=01,r=1,p=1$${salt}$${key}`,
    `$scrypt$ln=1e1,r=1,p=1$${salt}$${key}`,
    `$scrypt$ln=19,r=8,p=1$${salt}$${key}`,
    `$scrypt$ln=15,r=17,p=1$${salt}$${key}`,
    `$scrypt$ln=15,r=8,p=5$${salt}$${key}`,
    `$6$${salt}$${key}`,
  ]) {
    ok(!isScryptHash(wrong), wrong);
    ok(!fitsScryptHash('x', wrong), wrong);
  }
});

test('any text is a hash or none', () => {
  const part = fc.constantFrom('$', 'scrypt', 'ln=1', ',', 'r=1', 'p=1', '=', 'AAAA', '9', '-');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 14 }), (parts) => {
      const text = parts.join('');
      if (!isScryptHash(text)) ok(!fitsScryptHash('', text));
    }),
  );
});
