/** Fields as text: spaces, folding at 80 columns, and addresses without their quotes. */
import { ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { tokenise } from '../../src/mail/index.ts';
import { unparse } from '../../src/mail/unparse.ts';

const again = (text: string) => unparse(tokenise(text) ?? []);

test('a space stands between words, behind a colon and a comma, and before an angle bracket', () => {
  strictEqual(again('To:a  b,c<d@e> f'), 'To: a b, c <d@e>f\n');
  strictEqual(again('To: "a"(b)[c]d'), 'To: "a" (b) [c] d\n');
});

test('what needs a backslash gets one, in every kind of word', () => {
  strictEqual(again('To: "a\\"b\\\\" (c\\)d) [e\\]f]'), 'To: "a\\"b\\\\" (c\\)d) [e\\]f]\n');
});

test('a line is folded behind a comma when the next address would pass column 78', () => {
  strictEqual(again(`To: ${'a'.repeat(69)}, bcd`), `To: ${'a'.repeat(69)}, bcd\n`);
  strictEqual(again(`To: ${'a'.repeat(69)}, bcde`), `To: ${'a'.repeat(69)},\n  bcde\n`);
});

test('no line of a long list is longer than 78 columns', () => {
  const list = Array.from({ length: 50 }, (_, index) => `user${index}@host.example`).join(',');
  const lines = again(`To: ${list}`).split('\n');
  ok(lines.length > 10);
  for (const line of lines) ok(line.length <= 78, line);
});

test('a comma at the end stays there', () => {
  strictEqual(again('To: a,'), 'To: a,\n');
});
