import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { isControl } from '../../../src/serve/smtp/is-control.ts';

test('each byte alone and within a text', () => {
  for (let code = 0; code < 256; code += 1) {
    const character = String.fromCharCode(code);
    strictEqual(isControl(character), code < 32 || code === 127, String(code));
    strictEqual(isControl(`a${character}b`), isControl(character));
  }
  strictEqual(isControl(''), false);
});
