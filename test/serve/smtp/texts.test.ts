import { match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { texts } from '../../../src/serve/smtp/texts.ts';

test('each reply has an enhanced code of its own class', () => {
  for (const { code, enhanced, text } of Object.values(texts)) {
    strictEqual(enhanced.charAt(0), String(code).charAt(0), text);
    match(enhanced, /^\d\.\d\.\d{1,2}$/);
    match(text, /^[ -~]+$/);
  }
});
