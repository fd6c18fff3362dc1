import { match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryHome } from '../support/home.ts';
import { runHere } from '../support/run-here.ts';

test('maildirsmtp wants four operands; what it does is tested in serial-link.test.ts', async () => {
  const ended = await runHere(temporaryHome(), 'maildirsmtp', 'd', 'p', 'h');
  strictEqual(ended.exit, 100);
  match(ended.stderr, /usage: maildirsmtp DIRECTORY PREFIX HOST HELO/);
});
