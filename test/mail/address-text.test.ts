/** Addresses without their quotes. */
import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { addressText } from '../../src/mail/address-text.ts';
import { tokenise } from '../../src/mail/token.ts';

test('an address is raw bytes: no quotes, no comments, no blanks', () => {
  strictEqual(addressText(tokenise('"a b" (c) @ [1.2] . "x\\"y"') ?? []), 'a b@[1.2].x"y');
});
