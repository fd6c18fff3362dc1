import { match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryHome } from '../support/home.ts';
import { runHere } from '../support/run-here.ts';

test('serialqmtp wants one operand; what it does is tested in serial-over-descriptors.test.ts', async () => {
  for (const args of [[], ['p', 'h']]) {
    const ended = await runHere(temporaryHome(), 'serialqmtp', ...args);
    strictEqual(ended.exit, 100, args.join(' '));
    match(ended.stderr, /usage: serialqmtp PREFIX/);
  }
});
