/** Names of header fields, and fields with addresses. */
import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { fieldName, isField, rewriteField } from '../../src/mail/field.ts';
import { word } from '../../src/mail/index.ts';

test('a field has a printable name and a colon', () => {
  for (const line of ['To: x\n', 'X-Y:\n', 'To \t: x\n', '!:\n']) strictEqual(isField(line), true, line);
  for (const line of [
    '',
    '\n',
    ':\n',
    ' : x\n',
    ' To: x\n',
    'no colon\n',
    'T o: x\n',
    'X\x01: y\n',
    'X\x7f: y\n',
    '\xe9: y\n',
  ]) {
    strictEqual(isField(line), false, line);
  }
});

test('the name is compared without its case and without blanks before the colon', () => {
  strictEqual(fieldName('rEsEnT-To \t: x: y\n'), 'resent-to');
});

test('every address in a field is rewritten', () => {
  strictEqual(
    rewriteField('To: a (c),\n b\n', () => [word('atom', 'z')]),
    'To: z (c), z\n',
  );
});

test('a field that cannot be parsed is told apart', () => {
  strictEqual(
    rewriteField('To: "a\n', (address) => address),
    undefined,
  );
  strictEqual(
    rewriteField('To: a: b\n', (address) => address),
    undefined,
  );
});
