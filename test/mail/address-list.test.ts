/** Lists of addresses: which there are, and what is put between them. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rewriteList } from '../../src/mail/address-list.ts';
import { addressText, tokenise } from '../../src/mail/index.ts';
import { unparse } from '../../src/mail/unparse.ts';
import { everyText } from '../support/every-text.ts';

function read(text: string) {
  const addresses: string[] = [];
  const list = rewriteList(tokenise(text) ?? [], (address) => {
    addresses.unshift(addressText(address));
    return address;
  });
  return { addresses, text: list && unparse(list) };
}

test('addresses are found with their phrases, groups and comments left out', () => {
  deepStrictEqual(read('Joe Q. <a@b> (x), "N, M" <c@d>, g: e@f, h; , i').addresses, [
    'a@b',
    'c@d',
    'e@f',
    'h',
    'i',
  ]);
  deepStrictEqual(read('undisclosed-recipients: ;').addresses, []);
  deepStrictEqual(read('<>').addresses, ['']);
});

test('words side by side get the comma that is missing', () => {
  strictEqual(read('a b').text, 'a, b\n');
  strictEqual(read('a@b c@d').text, 'a@b, c@d\n');
  strictEqual(read('a@b <c@d>').text, 'a@b <c@d>\n');
  strictEqual(read('<a@b> c').text, '<a@b>, c\n');
  strictEqual(read('g: a b;').text, 'g: a, b;\n');
});

test('a comment moves behind the address that it stands in', () => {
  strictEqual(read('(c) a@b').text, 'a@b (c)\n');
});

test('an address that is rewritten away leaves its place empty', () => {
  const list = rewriteList(tokenise('a, b, c') ?? [], (address) =>
    addressText(address) === 'b' ? [] : address,
  );
  strictEqual(list && unparse(list), 'a, , c\n');
});

test('a group that never began, one in another, and a bracket that never opened are no list', () => {
  for (const text of ['a: b', 'a: b: c; d;;', 'a>', 'x; y;']) strictEqual(read(text).text, undefined, text);
});

test('addresses before the error have been seen', () => {
  deepStrictEqual(read('a: b@c').addresses, ['b@c']);
});

test('any tokens are a list or not, and never an exception; a list is read again as itself', () => {
  const words = fc.array(
    fc.constantFrom('a', '"b c"', '[d]', '(e)', '.', ',', '@', '<', '>', ':', ';', ' '),
    {
      maxLength: 25,
    },
  );
  fc.assert(
    fc.property(words, (parts) => {
      const { text } = read(parts.join(' '));
      if (text === undefined) return;
      const second = read(text).text;
      strictEqual(second === undefined ? undefined : read(second).text, second);
    }),
  );
});

test('every list of a few words is read again as itself, or is none', () => {
  for (const given of everyText(['a', '@', '.', ',', '<', '>', ':', ';'])) {
    const { text } = read(given);
    if (text === undefined) continue;
    const second = read(text).text;
    strictEqual(second === undefined ? undefined : read(second).text, second, given);
  }
});
