import { match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { writeCdb } from '../../src/cdb/index.ts';
import { bytesAt } from '../support/alias-peers.ts';
import { temporaryDirectory } from '../support/home.ts';
import { runProgram } from '../support/run-program.ts';

test('instructions in their order, as bytes', async () => {
  const path = `${temporaryDirectory()}/a.cdb`;
  writeCdb({ path, temporary: `${path}.tmp` }, [
    [':b@\xe9', '&a b@c\0'],
    ['?a@', 'o@p'],
  ]);
  const stdin = bytesAt(path) ?? '';
  const { exit, stdout } = await runProgram({ program: 'printforward', stdin, seekable: true });
  strictEqual(exit, 0);
  strictEqual(stdout, 'b@\\\xe9:\n, &a\\ b@c\n;\na@: ?o@p;\n');
});

test('another database is none of forwarding', async () => {
  const path = `${temporaryDirectory()}/a.cdb`;
  writeCdb({ path, temporary: `${path}.tmp` }, [['!joe\0', 'x']]);
  const { exit, stderr } = await runProgram({ program: 'printforward', stdin: bytesAt(path) ?? '' });
  strictEqual(exit, 100);
  match(stderr, /^printforward: fatal: bad database format/);
});
