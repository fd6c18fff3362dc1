import { match, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { callHere } from '../support/alias-peers.ts';
import { temporaryDirectory } from '../support/home.ts';

// What it finds is in tcprules.test.ts.
test('a file that is none, and calls that are wrong', async () => {
  const path = `${temporaryDirectory()}/rules.cdb`;
  const missing = await callHere({ program: 'tcprulescheck', args: [path] });
  strictEqual(missing.exit, 111);
  match(missing.stderr, /^tcprulescheck: fatal: unable to read .*rules\.cdb: /);
  writeFileSync(path, 'no database');
  strictEqual((await callHere({ program: 'tcprulescheck', args: [path] })).exit, 111);
  for (const args of [[], [path, 'x']])
    strictEqual((await callHere({ program: 'tcprulescheck', args })).exit, 100);
});
