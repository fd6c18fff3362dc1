import { deepStrictEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { noCapabilities, readCapabilities } from '../../../src/remote/smtp/capabilities.ts';

function of(...lines: readonly string[]) {
  return readCapabilities({
    code: 250,
    text: ['250-mx.example', ...lines.map((line) => `250-${line}`)].join('\n'),
  });
}

test('keywords are known in any case, and what is unknown is passed over', () => {
  deepStrictEqual(of('pipelining', 'SIZE 1000', '8bitmime', 'SmtpUtf8', 'STARTTLS', 'X-WHAT ever', ''), {
    pipelining: true,
    sizeBytesMax: 1000,
    eightBitMime: true,
    smtpUtf8: true,
    startTls: true,
    auth: new Set(),
  });
  deepStrictEqual(of(), noCapabilities);
  deepStrictEqual(of('STARTTLSX', 'XPIPELINING'), noCapabilities);
});

test('the greeting line is no capability', () => {
  deepStrictEqual(readCapabilities({ code: 250, text: '250 STARTTLS' }), noCapabilities);
});

test('a size that is none is no limit', () => {
  for (const size of ['SIZE', 'SIZE 0', 'SIZE x', 'SIZE -1', `SIZE ${'9'.repeat(40)}`]) {
    deepStrictEqual(of(size).sizeBytesMax, 0, size);
  }
});

test('mechanisms of AUTH, also in the old spelling', () => {
  deepStrictEqual(
    of('AUTH plain LOGIN', 'AUTH=CRAM-MD5 X').auth,
    new Set(['PLAIN', 'LOGIN', 'CRAM-MD5', 'X']),
  );
});

test('any text has capabilities', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      ok(readCapabilities({ code: 250, text }).auth instanceof Set);
    }),
  );
});
