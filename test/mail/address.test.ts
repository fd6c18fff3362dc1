import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { needsQuotes, quoteAddress, splitAddress } from '../../src/mail/index.ts';

test('an address is split at its last @', () => {
  assert.deepEqual(splitAddress('a@b'), { local: 'a', domain: 'b' });
  assert.deepEqual(splitAddress('a@b@c'), { local: 'a@b', domain: 'c' });
  assert.deepEqual(splitAddress('a@'), { local: 'a', domain: '' });
  assert.deepEqual(splitAddress('@b'), { local: '', domain: 'b' });
  assert.deepEqual(splitAddress('root'), { local: 'root', domain: undefined });
  assert.deepEqual(splitAddress('#@[]'), { local: '#', domain: '[]' });
});

test('which bytes need quotes: all but atext and the dot (RFC 5322 3.2.3)', () => {
  const atext = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]$/;
  for (let code = 0; code < 256; code += 1) {
    const character = String.fromCharCode(code);
    const plain = atext.test(character) || character === '.';
    assert.equal(needsQuotes(`a${character}b`), !plain, `byte ${code}`);
  }
});

test('where dots need quotes', () => {
  for (const local of ['', '.', '.a', 'a.', 'a..b']) assert.equal(needsQuotes(local), true, local);
  assert.equal(needsQuotes('a.b.c'), false);
});

test('only the local part is quoted, and only where it must be', () => {
  assert.equal(quoteAddress(''), '');
  assert.equal(quoteAddress('joe@x.y'), 'joe@x.y');
  assert.equal(quoteAddress('a b@x.y'), '"a b"@x.y');
  assert.equal(quoteAddress('a@b@x.y'), '"a@b"@x.y');
  assert.equal(quoteAddress('a\\b"c\r\n@x.y'), '"a\\\\b\\"c\\\r\\\n"@x.y');
  assert.equal(quoteAddress('\xe9@x.y'), '"\xe9"@x.y');
  assert.equal(quoteAddress('@x.y'), '""@x.y');
  assert.equal(quoteAddress('#@[]'), '#@[]');
  assert.equal(quoteAddress('a b'), '"a b"');
});

test('a quoted local part says what it was', () => {
  const bytes = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  });
  fc.assert(
    fc.property(bytes, (local) => {
      const quoted = quoteAddress(`${local}@x.y`).slice(0, -'@x.y'.length);
      const plain = quoted.startsWith('"') ? quoted.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : quoted;
      assert.equal(plain, local);
    }),
  );
});
