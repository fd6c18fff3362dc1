import { match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryHome } from '../support/home.ts';
import { runHere } from '../support/run-here.ts';

test('maildirqmtp wants three operands; what it does is tested in serial-link.test.ts', async () => {
  const ended = await runHere(temporaryHome(), 'maildirqmtp', 'd', 'p');
  strictEqual(ended.exit, 100);
  match(ended.stderr, /usage: maildirqmtp DIRECTORY PREFIX HOST/);
});
